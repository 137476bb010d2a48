"""Parts of the page Augment."""
