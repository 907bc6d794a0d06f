"""The configuration: what it may say (`schema`), how it is read (`load`), where it lives (`paths`)."""
