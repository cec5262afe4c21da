"""What `scripts/soak` tries, and with what."""
