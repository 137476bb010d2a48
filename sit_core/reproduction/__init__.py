"""The paper's effect on the embedded model: what is trained, what it is asked, what it wrote."""
