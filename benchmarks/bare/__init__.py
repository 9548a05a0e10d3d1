"""The yardstick: the least that a Channels project can do. It relays the model's tokens, one frame each."""
