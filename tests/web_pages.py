"""Web pages as sites make them, each with what a reader came for and what hangs around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page; every text of `kept` must be read, none of `dropped` may be, and each of `told` is told."""

    html: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    told: tuple[str, ...] = ()


BODY = (
    "The harbour of Vlissingen was closed on Tuesday after a freighter lost forty containers in the outer channel.",
    "Divers found eleven of them before the tide turned, most with their doors still sealed.",
    "“Nobody was hurt, and nothing leaked,” the harbour master said at noon, adding that salvage would take a week.",
    "Fishing boats may leave from the old basin, where the water is deep enough at high tide.",
)

NEWS = Page(
    f"""<!doctype html><html><head><title>Harbour closed | The Courier</title></head>
<body class="home has-sidebar cookies-not-set single-post">
<a class="skip-link" href="#content">Skip to content</a>
<div id="onetrust-banner-sdk" class="otFlat" role="alertdialog"><div><h2>We value your privacy</h2>
<p>We and our 842 partners store and access information on a device, such as unique IDs in cookies, to process personal
data. You may accept or manage your choices by clicking below, including your right to object.</p>
<button>Accept all</button><button>Manage options</button><a href="/privacy">Privacy policy</a></div></div>
<div class="site-header"><div class="logo"><a href="/">The Courier</a></div>
<ul class="main-menu"><li><a href="/n">News</a></li><li><a href="/s">Sport</a></li><li><a href="/c">Culture</a></li>
<li><a href="/w">Weather</a></li><li><a href="/j">Jobs</a></li></ul></div>
<div class="breadcrumbs"><a href="/">Home</a> › <a href="/n">News</a> › Harbour closed</div>
<div id="content" class="wrapper with-sidebar"><div class="entry">
<h1>Harbour closed</h1><div class="byline">By Anna Kerstens</div>
<div class="social-share"><span>Share this:</span><ul><li><a href="#f">Facebook</a></li><li><a href="#t">X</a></li>
<li><a href="#e">Email</a></li></ul></div>
<div class="entry-content"><p>{BODY[0]}</p><div class="ad-slot"><span>Advertisement</span></div><p>{BODY[1]}</p>
<p>{BODY[2]}</p>
<div class="newsletter-signup"><h3>Sign up for our morning briefing</h3><p>The five stories you need, in your inbox.</p>
<form><input type="email"><button>Subscribe</button></form></div><p>{BODY[3]}</p></div>
<div class="related-posts"><h3>More from the coast</h3><ul><li><a href="/a">Storm takes the roof off a church</a></li>
<li><a href="/b">Eel season opens late this year</a></li><li><a href="/d">A lighthouse for sale</a></li></ul></div>
</div><div id="sidebar" class="widget-area"><h3>Most read</h3><ol><li><a href="/1">Bridge repairs to last until May</a>
</li><li><a href="/2">Mayor resigns over parking affair</a></li><li><a href="/3">Ten walks for autumn</a></li></ol>
</div>
</div><div class="site-footer"><p>© 2025 The Courier. All rights reserved.</p><a href="/t">Terms of use</a></div>
</body></html>""",
    (*BODY, "By Anna Kerstens", "Harbour closed"),
    ("Skip to content", "partners store", "Accept all", "Sport", "Share this", "Facebook", "Advertisement",
     "morning briefing", "in your inbox", "Storm takes", "More from the coast", "Bridge repairs",
     "Most read", "All rights reserved", "Terms of use"),
    ("navigation: Skip to content | News Sport Culture Weather Jobs | Home › News › Harbour closed | Most read Bridge",
     "dialogue: We value your privacy", "share bar: Share this: Facebook X Email", "offer: Sign up for our morning",
     "related articles: More from the coast Storm takes", "page footer: © 2025 The Courier"),
)  # fmt: skip

FRENCH = Page(
    f"""<html lang="fr"><head><title>Le port fermé</title></head><body>
<div class="didomi-popup-container" aria-modal="true" role="dialog"><div class="didomi-popup-notice">
<p>Avec votre accord, nos 211 partenaires et nous utilisons des cookies ou technologies similaires pour stocker et
accéder à des informations personnelles comme votre visite sur ce site.</p><button>Accepter &amp; Fermer</button></div>
</div><header role="banner"><a href="/">La Gazette</a><nav><a href="/m">Monde</a><a href="/e">Économie</a></nav>
</header>
<main><article><header><h1>Le port fermé</h1><p class="chapo">Quarante conteneurs sont tombés dans le chenal.</p>
</header><div class="article__content"><p class="auteur">Par Anne Kerstens</p><p>{BODY[0]}</p>
<p>{BODY[1]}</p><aside class="encart"><h4>À lire aussi</h4><a href="/z">Les pêcheurs en colère</a></aside>
<p>{BODY[2]}</p><section class="paywall"><p>La suite est réservée aux abonnés. Il vous reste 70 % de cet article à
découvrir.</p><a href="/abo">S’abonner pour 1 €</a></section><p>{BODY[3]}</p></div>
<footer><ul class="tags"><li><a href="/t1">Ports</a></li></ul></footer></article>
<section class="more"><h2>À lire aussi</h2><ul><li><a href="/1">Tempête sur la côte zélandaise</a></li>
<li><a href="/2">La saison des anguilles est ouverte</a></li><li><a href="/l">Le phare est à vendre</a></li></ul>
</section></main>
<footer><p>Mentions légales</p></footer></body></html>""",
    (*BODY, "Par Anne Kerstens", "Quarante conteneurs sont tombés"),
    ("partenaires", "Accepter", "Économie", "Le phare est à vendre", "Les pêcheurs en colère", "réservée aux abonnés",
     "S’abonner", "Tempête sur la côte", "À lire aussi", "Mentions légales", "Ports"),
    ("dialogue: Avec votre accord", "page header: La Gazette", "box beside the text: À lire aussi Les pêcheurs",
     "offer: La suite est réservée", "list of links: À lire aussi Tempête", "page footer: Ports | Mentions légales"),
)  # fmt: skip

GERMAN = Page(
    f"""<html lang="de"><body><div class="cmp-wrapper"><div class="cmpbox"><h2>Willkommen bei der Zeitung</h2>
<p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking durch Cookies. Ihre Zustimmung ist jederzeit widerrufbar.</p>
<button>Akzeptieren und weiter</button></div></div><div class="page-header"><ul class="ressorts">
<li><a href="p">Politik</a></li><li><a href="w">Wirtschaft</a></li><li><a href="k">Kultur</a></li></ul></div>
<div class="artikel"><div class="kopf"><span class="dachzeile">Niederlande</span><h1>Der Hafen ist zu</h1>
<p class="vorspann">Vierzig Container liegen in der Fahrrinne.</p></div><div class="teilen"><a href="f">Facebook</a>
<a href="m">E-Mail</a><a href="d">Drucken</a></div><div class="text"><p>{BODY[0]}</p><p>{BODY[1]}</p>
<p>{BODY[2]}</p><p>{BODY[3]}</p></div></div><div class="meistgelesen">
<h3>Meistgelesen</h3><ol><li><a href="1">Bürgermeister tritt zurück</a></li><li><a href="2">Zehn Wege im Herbst</a></li>
<li><a href="3">Brücke bleibt bis Mai gesperrt</a></li></ol></div><div class="fuss"><a href="i">Impressum</a>
<a href="d">Datenschutz</a> <a href="a">AGB</a></div></body></html>""",
    (*BODY, "Der Hafen ist zu", "Vierzig Container"),
    ("Werbung und Tracking", "Akzeptieren", "Wirtschaft", "Drucken", "Bürgermeister", "Impressum"),
    ("cookie notice: Willkommen", "list of links: Politik", "Meistgelesen Bürgermeister", "Impressum Datenschutz AGB"),
)  # fmt: skip

MANUAL = Page(
    f"""<html><head><title>Mooring - Harbour 2.1 documentation</title></head><body class="wy-body-for-nav">
<div class="wy-grid-for-nav"><nav data-toggle="wy-nav-shift" class="wy-nav-side"><div class="wy-side-scroll">
<div class="wy-menu"><p class="caption">Contents</p><ul><li><a href="i">Installation</a></li></ul></div></div></nav>
<section class="wy-nav-content-wrap"><div class="wy-nav-content"><div class="rst-content">
<div role="navigation" aria-label="Page navigation"><ul class="wy-breadcrumbs"><li>Mooring basics</li>
<li><a href="_s">View page source</a></li></ul></div>
<div role="main" class="document"><section id="mooring"><h1>Mooring<a class="headerlink" href="#mooring">¶</a></h1>
<p>{BODY[0]}</p><div class="admonition note"><p class="admonition-title">Note</p><p>Lines shrink when wet.</p></div>
<div class="highlight"><pre>moor --bow 2 --stern 2</pre></div>
<section id="related-work"><h2>Related work<a class="headerlink" href="#r">¶</a></h2><p>{BODY[1]}</p></section>
<section id="share-and-reuse"><h2>Sharing a berth</h2><p>{BODY[2]}</p></section>
<table class="docutils"><thead><tr><th>Option</th><th>Meaning</th></tr></thead>
<tbody><tr><td>bow</td><td>number of lines at the bow</td></tr></tbody></table>
<section id="navigation-lights"><h2>Navigation lights</h2><ul><li>{BODY[3]}</li></ul>
<p>See also:</p><ul><li><a href="1">the tide tables</a></li><li><a href="2">the harbour rules</a></li></ul></section>
</section></div>
<footer><div class="rst-footer-buttons" role="navigation"><a href="p">Previous</a><a href="n">Next page</a></div>
<p>Built with Sphinx using a theme provided by Read the Docs.</p></footer></div></div></section></div></body></html>""",
    (*BODY, "Lines shrink when wet.", "moor --bow 2", "number of lines at the bow", "the tide tables", "Related work"),
    ("Installation", "View page source", "¶", "Next page", "Built with Sphinx"),
    ("navigation: Contents Installation | Mooring basics View page source", "page footer: Previous"),
)

API = Page(
    f"""<html><head><title>Berth (Harbour API)</title></head><body class="class-declaration-page"><div class="flex-box">
<header role="banner" class="flex-header"><nav role="navigation"><div class="top-nav" id="navbar-top">
<ul class="nav-list">
<li><a href="o">Overview</a></li><li><a href="t">Tree</a></li></ul></div></nav></header><div class="flex-content">
<main role="main"><div class="header"><h1 class="title">Class Berth</h1></div><section class="class-description">
<div class="type-signature">public class <a href="b">Berth</a></div><div class="block">{BODY[0]}</div></section>
<section class="summary"><ul class="summary-list"><li><section class="method-summary"><h2>Method Summary</h2>
<div class="summary-table"><div class="col-first"><code><a href="d">Depth</a></code></div><div class="col-second"><code>
<a href="#m">depthAt</a>(<a href="t">Tide</a> tide)</code></div><div class="col-last">
<div class="block">{BODY[1]}</div></div>
<div class="col-first"><code>void</code></div><div class="col-second"><code><a href="#c">close</a>()</code></div></div>
</section></li></ul></section><section class="details"><h2>Method Details</h2><section class="detail"><h3>depthAt</h3>
<div class="block">{BODY[2]} {BODY[3]}</div></section></section></main><footer role="contentinfo"><p class="legal-copy">
<small>Copyright 2025 Harbour Inc.</small></p></footer></div></div></body></html>""",
    (*BODY, "depthAt", "Method Summary", "close", "Class Berth", "Depth"),
    ("Overview", "Tree", "Copyright 2025"),
    ("page header: Overview Tree", "page footer: Copyright 2025"),
)

WIKI = Page(
    f"""<html class="client-nojs"><head><title>Vlissingen - Encyclopedia</title></head><body class="mediawiki ltr">
<div id="mw-page-base"></div><div id="content" class="mw-body" role="main"><h1 id="firstHeading">Vlissingen</h1>
<div id="siteSub">From the free encyclopedia</div><a class="mw-jump-link" href="#n">Jump to navigation</a>
<div class="mw-parser-output"><table class="infobox"><tr><th>Province</th><td><a href="z">Zeeland</a></td></tr></table>
<p>{BODY[0]}<sup class="reference"><a href="#1">[1]</a></sup></p><div id="toc" class="toc" role="navigation">
<h2>Contents</h2><ul><li><a href="#h">1 History of the place</a></li></ul></div><h2><span class="mw-headline">History
</span><span class="mw-editsection">[<a href="e">edit</a>]</span></h2><p>{BODY[1]}</p>
<ul><li><a href="m">Michiel de Ruyter</a> (1607–1676), admiral</li><li><a href="f">Frans Naerebout</a>, pilot</li></ul>
<p>{BODY[2]}</p><p>{BODY[3]}</p><ol class="references"><li>Port of Vlissingen, annual report, 2019.</li></ol>
<div role="navigation" class="navbox"><a href="1">Domburg</a> <a href="2">Veere</a> <a href="3">Goes</a></div></div>
<div id="catlinks" class="catlinks"><a href="c">Category</a>: <a href="d">Cities in Zeeland</a></div></div>
<div id="mw-navigation"><h2>Navigation menu</h2><ul><li><a href="l">Log in</a></li><li><a href="t">Talk</a></li></ul>
<div id="p-lang"><ul><li><a href="fr">Français</a></li></ul></div></div>
<div id="footer" role="contentinfo"><ul><li>This page was last edited on 3 March 2025.</li></ul></div></body></html>""",
    (*BODY, "Zeeland", "Michiel de Ruyter", "admiral", "annual report"),
    ("Jump to navigation", "History of the place", "[edit]", "Domburg", "Cities in Zeeland", "Log in", "Français",
     "last edited"),
    ("navigation: Jump to navigation | Contents 1 History", "Domburg Veere Goes", "page footer: This page was last"),
)  # fmt: skip

FORM = Page(
    f"""<html><head><title>Tariffs</title></head><body><form method="post" action="./Tariffs.aspx" id="aspnetForm">
<input type="hidden" name="__VIEWSTATE" value="x"><div id="ctl00_header"><div id="ctl00_menu"><table><tr>
<td><a href="1">Start</a></td><td><a href="2">Berths</a></td><td><a href="3">Pilots</a></td><td>
<a href="4">Contact us</a>
</td></tr></table></div></div><table width="100%"><tr><td width="150"><font size="1"><a href="5">Annual reports</a><br>
<a href="6">Press office</a><br><a href="7">Webcams</a><br><a href="8">Vacancies</a></font></td><td valign="top">
<font face="Arial"><b>Tariffs for visiting yachts</b><br><br>{BODY[0]}<br><br>{BODY[1]}<p>{BODY[2]}</p>
<table border="1"><tr><th>Length</th><th>Fee</th></tr><tr><td>up to 8 m</td><td>€ 14.50</td></tr>
</table>{BODY[3]}</font>
</td></tr></table></form></body></html>""",
    (*BODY, "Tariffs for visiting yachts", "€ 14.50"),
    ("Berths", "Pilots", "Press office", "Vacancies"),
    ("navigation: Start Berths", "list of links: Annual reports Press office"),
)

RECIPE = Page(
    f"""<html><head><title>Cookies for sailors</title></head><body class="recipe-template cookie-recipes">
<div class="css-1q2w3e" aria-label="Main navigation" role="navigation"><a href="1">Recipes</a><a href="2">Shop</a></div>
<div class="css-9o8i7u cookie-recipe"><h1>Cookies for sailors</h1><div class="css-x"><p>{BODY[0]}</p></div>
<section class="ingredients"><h2>Ingredients</h2><ul><li><a href="1">200 g of rye flour</a></li>
<li><a href="2">two spoons of treacle</a></li><li><a href="3">a pinch of sea salt</a></li><li>water</li></ul></section>
<section class="popular-method"><h2>Method</h2><ol><li>{BODY[1]}</li><li>{BODY[2]}</li></ol></section>
<p class="consent-form-note">{BODY[3]}</p></div>
<div class="css-5t6y7u"><div class="css-a"><p>This website uses cookies to ensure you get the best experience.</p>
<a href="/c">Learn more</a><button>Got it!</button></div></div>
<div class="css-foot"><ul><li><a href="a">About us</a></li><li><a href="b">Imprint</a></li><li>
<a href="c">Careers</a></li>
<li><a href="d">Press</a></li></ul></div></body></html>""",
    (*BODY, "200 g of rye flour", "two spoons of treacle", "a pinch of sea salt", "Cookies for sailors"),
    ("Shop", "best experience", "Got it!", "Imprint", "Careers"),
    ("navigation: Recipes", "cookie notice: This website uses cookies", "list of links: About us"),
)

LISTING = Page(
    """<html><head><title>Publications</title></head><body><nav><a href="1">Home</a></nav>
<main><h1>Publications of the harbour board</h1><ul><li><a href="1">Annual report 2023, with accounts</a></li>
<li><a href="2">Dredging plan for the outer channel</a></li><li><a href="3">Bird counts on the mud flats</a></li>
<li><a href="4">Noise of container terminals at night</a></li></ul></main></body></html>""",
    ("Annual report 2023", "Dredging plan", "Bird counts", "Noise of container terminals"),
    ("Home",),
    ("navigation: Home",),
)

BLOG = Page(
    f"""<html><head><title>Log of the Anna</title></head><body><div id="page" class="site">
<header id="masthead" class="site-header"><p class="site-title"><a href="/">Log of the Anna</a></p></header>
<div id="primary" class="content-area"><main id="main" class="site-main">
<article class="post type-post comments-open"><header class="entry-header"><h2><a href="1">A closed harbour</a></h2>
<span class="posted-on">3 March 2025</span></header><div class="entry-content"><p>{BODY[0]}</p><p>{BODY[1]}</p></div>
<footer class="entry-footer"><a href="c">Leave a comment</a></footer></article>
<article class="post type-post"><header class="entry-header"><h2><a href="2">Divers at work</a></h2></header>
<div class="entry-content"><p>{BODY[2]}</p><p>{BODY[3]}</p><div class="sharedaddy sd-sharing-enabled">
<h3>Share this:</h3>
<ul><li><a href="f">Print</a></li><li><a href="t">Pocket</a></li></ul></div></div></article></main></div>
<aside id="secondary" class="widget-area"><h2>Archives</h2><ul><li><a href="1">February 2025</a></li></ul></aside></div>
</body></html>""",
    (*BODY, "A closed harbour", "Divers at work"),
    ("Leave a comment", "Share this", "Pocket", "February 2025"),
    ("page header: Log of the Anna", "share bar: Share this: Print Pocket", "box beside the text: Archives February"),
)

FORUM = Page(
    f"""<html><head><title>Why is the harbour closed?</title></head><body>
<div class="topbar"><a href="1">Log in</a> <a href="2">Sign up</a></div>
<div class="container"><div id="left-sidebar"><ul><li><a href="q">Questions</a></li><li><a href="t">Tags</a></li>
<li><a href="u">Users</a></li></ul></div><div id="mainbar"><h1>Why is the harbour closed?</h1>
<div class="question"><div class="votes">12</div><div class="post-text"><p>{BODY[0]}</p></div>
<div class="post-menu"><a href="s">share</a> <a href="e">edit</a> <a href="f">follow</a></div></div>
<div class="answer"><div class="post-text"><p>{BODY[1]}</p><p>{BODY[2]}</p></div>
<div class="post-menu"><a href="s">share</a> <a href="e">edit</a></div></div><div class="answer"><div class="post-text">
<p>{BODY[3]} See <a href="h">the harbour's own notice</a> for more.</p></div></div></div>
<div id="right-sidebar"><h4>Hot Network Questions</h4><ul><li><a href="1">Can a raven count to seven?</a></li>
<li><a href="2">Is a taxi a vehicle?</a></li><li><a href="3">What to do with old keels</a></li></ul></div></div>
<div class="consent-banner js-consent-banner"><p>By clicking “Accept all cookies”, you agree that we can store cookies.
</p><button>Accept all cookies</button></div></body></html>""",
    (*BODY, "Why is the harbour closed?", "the harbour's own notice"),
    ("Log in", "Users", "Can a raven", "Hot Network", "you agree that", "follow"),
    ("navigation: Log in Sign up | Questions Tags Users", "Hot Network Questions", "cookie notice: By clicking"),
)

LETTER = Page(
    f"""<html><head><title>To our shareholders</title></head><body class="page-shareholder-letter">
<div class="shareholder-letter"><h1>To our shareholders</h1><p>{BODY[0]}</p><p>{BODY[1]}</p><p>{BODY[2]}</p><p>{BODY[3]}
</p><div class="advance-notice"><p>The meeting is moved to 12 May.</p></div>
<div class="banner-of-the-year"><p>The banner of 1904 hangs in the hall again.</p></div>
<section class="subscription-of-shares"><h2>Subscription</h2><p>Each holder of four shares may subscribe to one more at
€ 21.30 until the end of June; rights that are not taken up lapse, and are sold on the exchange for the holders.</p>
</section><div class="modal-verbs"><p>“Shall” in this letter means must.</p></div></div></body></html>""",
    (*BODY, "The meeting is moved", "The banner of 1904", "subscribe to one more", "means must"),
    (),
)

BOOK = Page(
    f"""<html><body><h1>THE HARBOUR</h1><h2>CONTENTS</h2><table summary=""><tr><td>
<a href="#c1">CHAPTER I. The channel</a>
</td></tr><tr><td><a href="#c2">CHAPTER II. The basin</a></td></tr></table><div class="chapter">
<h2 id="c1">CHAPTER I</h2>
<p>{BODY[0]}</p><p>{BODY[1]}</p></div><div class="chapter"><h2 id="c2">CHAPTER II</h2><p>{BODY[2]}</p><p>{BODY[3]}</p>
</div></body></html>""",
    (*BODY, "THE HARBOUR", "CHAPTER II"),
    (),
)

ARTICLE_WITH_COMMENTS = Page(
    f"""<html><head><title>Harbour closed - Anna's log</title>
<script type="application/ld+json">{{"@type":"BlogPosting",
"datePublished": "2025-03-04T08:00:00Z"}}</script></head><body class="single comments-enabled">
<header class="site-header"><h1 class="site-title"><a href="/">Anna's log</a></h1><p>Notes from a small boat</p>
<nav><a href="/about">About</a></nav></header><main id="main"><article id="post-7" class="post comments-open">
<header><h1>Harbour closed</h1><p>By <a rel="author" href="/anna">Anna Kerstens</a></p></header>
<div class="entry-content">
<p>{BODY[0]}</p><p>{BODY[1]}</p><blockquote><p>{BODY[2]}</p><footer>The harbour master</footer></blockquote>
<aside class="note"><p>A freighter of this size carries nine hundred containers.</p></aside><p>{BODY[3]}</p></div>
<div class="share"><a href="https://www.facebook.com/sharer/sharer.php?u=x">On the face</a>
<a href="mailto:?subject=x">By post</a></div><footer><p>Correction: eleven were found, and not twelve.</p></footer>
</article>
<section id="comments" class="comments-area"><h2>Two thoughts on this</h2><ol class="comment-list">
<li><article id="div-comment-1" class="comment-body"><footer><b>Piet</b> <time datetime="2025-03-09">later</time>
</footer>
<p>My boat is stuck, too.</p></article></li>
<li><article id="div-comment-2" class="comment-body"><footer><b>Jo</b></footer><p>Take the old basin.</p></article>
</li></ol>
<div id="respond" class="comment-respond"><form><input name="x"><label>Your name</label><button>Post comment</button>
</form>
</div></section></main><footer class="site-footer"><p>Made with care.</p></footer></body></html>""",
    (*BODY, "By Anna Kerstens", "The harbour master", "nine hundred containers", "Correction: eleven",
     "My boat is stuck, too.", "Take the old basin."),
    ("About", "On the face", "By post", "Your name", "Post comment", "Made with care"),
    ("navigation: About", "share bar: On the face", "form: Your name", "around the text: Anna's log",
     "page footer: Made with care."),
)  # fmt: skip

DIALOGUE = Page(
    """<html><head><title>The ferry</title></head><body><ul class="nav"><li><a href="1">Act one</a></li>
<li><a href="2">Act two</a></li></ul><h2>The ferry, scene two</h2><p>ANNA: Is it you?</p><p>PIET: It is.</p>
<p>ANNA: Where were you?</p><p>PIET: At sea.</p><p>ANNA: All night?</p><p>PIET: Seven nights, Anna.</p><p>ANNA: No!</p>
<p>PIET: Ask the <a href="h">harbour master</a>.</p><hr><p><i>They go.</i></p></body></html>""",
    ("scene two", "ANNA: Is it you?", "PIET: It is.", "PIET: At sea.", "ANNA: All night?", "Seven nights", "ANNA: No!",
     "Ask the harbour master.", "They go."),
    ("Act one", "Act two"),
    ("navigation: Act one Act two",),
)  # fmt: skip

SHOP = Page(
    f"""<html><head><title>Anchor, 12 kg</title></head><body><div id="cookie-banner">
<p>We would like to set cookies.</p>
<a href="/yes">Fine</a></div><header><a href="/">Chandlery</a><form role="search"><input><button>Go</button></form>
</header>
<div class="breadcrumb"><a href="/">Start</a> / <a href="/a">Mooring</a> / Anchor, 12 kg</div>
<div class="product"><h1>Anchor, 12 kg</h1><p class="price">€ 149.00</p><form class="cart">
<label>Number of anchors</label>
<input type="number"><button>Add to basket</button></form><div class="tabs"><h3>
<button aria-expanded="true">How does it hold?
</button></h3><div>{BODY[0]} {BODY[1]}</div></div><table><tr><th>Weight</th><td>12 kg</td></tr>
<tr><th>Steel</th><td>galvanised, <a href="n">EN 10025</a></td></tr></table><ul><li>{BODY[2]}</li><li>{BODY[3]}</li>
</ul>
<section class="related products"><h2>Our customers also took</h2><ul><li><a href="/c">Chain, 10 mm</a> € 9.90</li>
<li><a href="/d">Shackle of stainless steel</a> € 4.50</li></ul></section></div>
<div id="footer"><p>Chandlery Ltd, 3 Quay Street. Prices include VAT.</p></div></body></html>""",
    (*BODY, "Anchor, 12 kg", "€ 149.00", "How does it hold?", "12 kg", "galvanised, EN 10025"),
    ("set cookies", "Fine", "Add to basket", "Start", "Shackle", "customers also", "Quay Street"),
    ("cookie notice: We would like to set cookies.", "navigation: Start / Mooring", "page header: Chandlery",
     "form: Number of anchors", "related articles: Our customers also took", "page footer: Chandlery Ltd"),
)  # fmt: skip

SECTIONS = Page(
    f"""<html><head><title>The harbour at a glance</title></head><body><article><h1>The harbour at a glance</h1>
<p>{BODY[0]}</p></article><section class="faq"><h2>Questions</h2><p>{BODY[1]}</p><p>{BODY[2]}</p><p>{BODY[3]}</p>
<p>Whoever needs more than this finds the harbour master in his office on the quay from eight to five.</p></section>
<section id="cookies"><h2>Cookies</h2><p>This site sets two, <a href="p">described here</a>.</p></section></body>
</html>""",
    (*BODY, "finds the harbour master in his office", "This site sets two, described here."),
    (),
)

LINKS = Page(
    f"""<html><head><title>Links</title></head><body><div class="menu">
{"".join(f'<p><a href="{n}">Berth number {n} and who lies there</a></p>' for n in range(20))}</div></body></html>""",
    tuple(f"Berth number {n} and who lies there" for n in range(20)),
    (),
)

PAGES = {
    "news": NEWS, "french": FRENCH, "german": GERMAN, "manual": MANUAL, "api": API, "wiki": WIKI, "form": FORM,
    "recipe": RECIPE, "listing": LISTING, "blog": BLOG, "forum": FORUM, "letter": LETTER, "book": BOOK,
    "comments": ARTICLE_WITH_COMMENTS, "dialogue": DIALOGUE, "shop": SHOP, "sections": SECTIONS, "links": LINKS,
}  # fmt: skip
