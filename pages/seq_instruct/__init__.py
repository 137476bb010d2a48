"""Parts of the page Seq-Instruct."""
