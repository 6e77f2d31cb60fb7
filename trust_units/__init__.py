"""放心消费单位: declared, reviewed, pooled, searched, checked at random, removed on the day."""
