"""Signed requests to AWS, and what is asked of it: secrets, the queue, storage."""
