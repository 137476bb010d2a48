r"""Small tables for papers and notes: Markdown and LaTeX (booktabs). Pure.

Every cell is text that came from somewhere: what means something in the format is escaped, so that
it is read as it stands.
"""

import re
from collections.abc import Sequence

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",  # at the beginning of a row it would be an option of the line break before it
    "–": r"\textendash{}",
    "−": "$-$",
    "…": r"\ldots{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
    "|": r"\textbar{}",
    "·": r"$\cdot$",
    "κ": r"$\kappa$",
    "α": r"$\alpha$",
}


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A pipe table; the first column flush left, the others flush right.

    >>> print(markdown_table(["run", "R"], [["a|b", "*1*"]]), end="")
    | run | R |
    |:---|---:|
    | a\|b | \*1\* |
    """
    line = "|:---|" + "---:|" * (len(header) - 1)
    lines = [_piped(header), line, *map(_piped, rows)]
    return "".join(f"{one}\n" for one in lines)


def latex_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A ``tabular`` for the package booktabs.

    >>> print(latex_table(["run", "R"], [["a_b", "50 %"]]), end="")
    \begin{tabular}{lr}
    \toprule
    run & R \\
    \midrule
    a\_b & 50 \% \\
    \bottomrule
    \end{tabular}
    """
    body = [_ampersands(row) for row in rows]
    return "".join(
        f"{one}\n"
        for one in (
            rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
            r"\toprule",
            _ampersands(header),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
        )
    )


def markdown_line(text: str) -> str:
    r"""A paragraph of one line below a table.

    >>> markdown_line("a_b\n# c")
    '\na\\_b \\# c\n'
    """
    return f"\n{markdown_text(' '.join(text.split()))}\n"


def latex_comment(text: str) -> str:
    r"""A comment line, which LaTeX does not print.

    >>> latex_comment("a_b\n\\input{x}")
    '% a_b \\input{x}\n'
    """
    return f"% {' '.join(text.split())}\n"


def markdown_text(text: str) -> str:
    r"""A text on one line that Markdown shows as it stands.

    >>> markdown_text("a_b\n|<x>")
    'a\\_b \\|\\<x\\>'
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~$!&])", r"\\\1", _one_line(text))


def latex_text(text: str) -> str:
    r"""A text on one line that LaTeX prints as it stands.

    >>> latex_text("50 % of a_b \\input{x} --")
    '50 \\% of a\\_b \\textbackslash{}input\\{x\\} -{}-'
    """
    return "".join(_LATEX.get(one, one) for one in _one_line(text)).replace("--", "-{}-")


def _one_line(text: str) -> str:
    """Without line ends and characters that nothing prints; marks of direction are such."""
    return " ".join(_UNPRINTED.sub(" ", text).split())


_UNPRINTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]"
)


def _piped(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown_text, cells)) + " |"


def _ampersands(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"
