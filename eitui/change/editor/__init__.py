"""The threshold editor without a screen: what the keys do, what is asked of the service, and what is to be shown."""
