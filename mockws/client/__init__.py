"""The admin API of a running mock, from outside."""
