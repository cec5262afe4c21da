"""The other side: clients that test a real server against its document, and clients that play a scenario."""
