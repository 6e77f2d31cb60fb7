"""Pages that need several apps, demo data, and the embedded services of ./run up. No models."""
