"""Tools of the engineers who run Heed. Nothing here is deployed."""
