"""Tables as plotly figures, without colours of their own: the page's theme sets them."""
