"""What outlives the process: `store` is the engine's door, `picture` the first paint's, `audit` the record's."""
