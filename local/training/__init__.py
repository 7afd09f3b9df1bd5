"""The training recipe of the small networks: development only, no function imports or ships it."""
