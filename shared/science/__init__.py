"""Pure numeric code that several pipelines use unchanged."""
