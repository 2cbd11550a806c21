"""Texts that try to become more than text in a page: what they would run is `ran=1`, what they would load is `hostile`.

Each is put wherever a stranger's words get to: titles, texts and names of files, questions, ratings, model output.
"""

from __future__ import annotations

import re

STRINGS: tuple[str, ...] = (
    # scripts and handlers
    "<script>ran=1</script>",
    "</script><script>ran=1</script>",
    "<ScRiPt/x>ran=1</sCrIpT >",
    "<script src=//hostile.example/a.js></script>",
    "<script src=/hostile.js></script>",
    "<script type=module>import '/hostile-module.js'</script>",
    "<<script>ran=1//<</script>",
    "<img src=x onerror=ran=1>",
    "<img src=/hostile.png onload=ran=1>",
    '<img src="x` `<script>ran=1</script>"` `onerror=ran=1>',
    "<IMG SRC=x ONERROR&#61;ran=1 oNeRrOr=ran=1>",
    '"><img src=x onerror=ran=1>',
    "'><img src=x onerror=ran=1>",
    '" onmouseover="ran=1" autofocus onfocus="ran=1',
    "' onpointerenter='ran=1' x='",
    "` onclick=ran=1 `",
    "<body onload=ran=1 onpageshow=ran=1>",
    "<video><source onerror=ran=1></video>",
    "<audio src=/hostile.mp3 onerror=ran=1 autoplay>",
    "<details open ontoggle=ran=1>more</details>",
    "<input autofocus onfocus=ran=1>",
    "<select autofocus onfocus=ran=1><option>a</select>",
    "<marquee onstart=ran=1>moving</marquee>",
    "<style>@keyframes x{}</style><b style=animation-name:x onanimationstart=ran=1>b</b>",
    # other elements that run, load or lead away
    "<svg onload=ran=1>",
    "<svg><script>ran=1</script></svg>",
    "<svg><animate onbegin=ran=1 attributeName=x dur=1s>",
    "<svg><use href=/hostile.svg#a></use><image href=//hostile.example/b.png /></svg>",
    "<math><maction actiontype=statusline#ran xlink:href=javascript:ran=1>c</maction></math>",
    "<iframe src=javascript:ran=1></iframe>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<iframe src=/hostile-frame></iframe>",
    "<object data=/hostile-object type=text/html></object>",
    "<embed src=/hostile-embed>",
    "<meta http-equiv=refresh content='0;url=/hostile-refresh'>",
    "<base href=//hostile.example/>",
    "<link rel=stylesheet href=/hostile.css>",
    "<link rel=prefetch href=//hostile.example/prefetch>",
    "<style>@import '/hostile-import.css';</style>",
    "<style>#live{display:none}*{background:url(/hostile-style)}</style>",
    "<p style=\"background:url(/hostile-background);position:fixed;inset:0\">over everything</p>",
    "x;}body{background:url(//hostile.example/css)}",
    "<form action=/hostile-form><button formaction=javascript:ran=1>press</button></form>",
    "<a href=javascript:ran=1 ping=/hostile-ping>a link</a>",
    "<a href=data:text/html,<script>ran=1</script>>a link</a>",
    # what HTML parsers disagree on
    "<noscript><p title=\"</noscript><img src=x onerror=ran=1>\"></noscript>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=ran=1&gt;\">",
    "<svg></p><style><a id=\"</style><img src=x onerror=ran=1>\"></svg>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=ran=1></style>",
    "</textarea><img src=x onerror=ran=1>",
    "</template><img src=x onerror=ran=1>",
    "</title></style></bdi></button></mark><img src=x onerror=ran=1>",
    "<!-- --!><img src=x onerror=ran=1> -->",
    "<!--><img src=x onerror=ran=1>-->",
    "<![CDATA[<img src=x onerror=ran=1>]]>",
    "]]><img src=x onerror=ran=1>",
    "<?xml version='1.0'?><?php ran=1 ?>",
    "<img src=x onerror=ran=1 title='never closed",
    "<a href=\"/hostile-unclosed",
    "&lt;img src=x onerror=ran=1&gt;",
    "&amp;lt;script&amp;gt;ran=1&amp;lt;/script&amp;gt;",
    "&#60;img src=x onerror=ran=1&#62; &#x3c;b&#x3e; &lt &nosuch;",
    "\\x3cimg src=x onerror=ran=1\\x3e \\u003cscript\\u003eran=1\\u003c/script\\u003e",
    "＜script＞ran=1＜/script＞",
    "+ADw-script+AD4-ran=1+ADw-/script+AD4-",
    # names that would hide the page's own
    "<a id=live><a id=live name=value href=/hostile-clobber>clobbered</a>",
    "<img name=body><form id=panel><input name=querySelector></form>",
    "<button class=mark data-event=select data-value='{\"turn\":1}' data-act=sure>press</button>",
    "<div data-conversation=hostile data-language=xx class=turn>another one</div>",
    # Markdown, templates, terminals, formulas
    "![a picture](/hostile-picture.png)",
    "[a link](javascript:ran=1) <javascript:ran=1> https://hostile.example/autolink",
    "[a reference][r] [r]: //hostile.example/r 'r'",
    "<!-- {{ran=1}} -->{{constructor.constructor('ran=1')()}}",
    "{{{ran=1}}} {{#each .}}{{@root}}{{/each}} {{> hostile}}",
    "${ran=1} ${value} `${ran=1}`",
    "<%= ran=1 %> {% include '/hostile' %} #{ran=1}",
    "$$\\href{javascript:ran=1}{a}$$ \\(\\url{//hostile.example/tex}\\)",
    "\x1b[31mred\x1b[0m \x1b]8;;http://hostile.example\x07a link\x1b]8;;\x07",
    # characters
    "a NUL \x00 and others \x01\x08\x0b\x0c\x0e\x1f\x7f <img src=x onerror=ran=1>",
    "<scr\x00ipt>ran=1</scr\x00ipt><img src=x one\x00rror=ran=1>",
    "tomorrow \u202egnp.elif\u202c and \u2066isolated\u2069 and \u200b\ufeffnothing",
    "not characters \ufffe\uffff\ufffd \U0001ffff \U000e0041 but 🏴‍☠️ is one",
    "java\tscript:ran=1 <a href='java&#9;script:ran=1'>a</a>",
    "\"'`<>&=/\\ all at once \\\"><img src=x onerror=ran=1>",
    "<b>" * 60 + "deep",
    "long" * 150,
)  # fmt: skip

# A file name may hold anything but these, up to 255 bytes.
_NOT_IN_NAMES = re.compile(r"[/\x00]")


def as_shown(text: str) -> str:
    """What a reader sees of a text: control characters are replaced, white space is folded."""
    return " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\ufffd", text).split())


def as_file_name(text: str) -> str:
    """As much of a text as a file's name can hold."""
    return _NOT_IN_NAMES.sub("", text).encode()[:150].decode(errors="ignore")
