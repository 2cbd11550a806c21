"""Each row of a table is a line with the names of its columns, wherever these stand and whatever they look like."""

from __future__ import annotations

import io
import time
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from index.markup import block_text
from index.parsed import Parsed
from index.readers import read


def lines(parsed: Parsed) -> list[str]:
    return parsed.text.split("\n\n")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Region,2023,2024\nNorth,10,20\n", ["Region: North; 2023: 10; 2024: 20."]),
        (
            "Town,2023,2024\nPorto,1950,2020\nBraga,1875,2100\n",  # sums that could be years
            ["Town: Porto; 2023: 1950; 2024: 2020.", "Town: Braga; 2023: 1875; 2024: 2100."],
        ),
        ("Line,31.01.2024,29.02.2024\nRent,90,95\n", ["Line: Rent; 31.01.2024: 90; 29.02.2024: 95."]),
        ("Pupil,2024-05-01,2024-05-02\nAda,here,ill\n", ["Pupil: Ada; 2024-05-01: here; 2024-05-02: ill."]),
        (",2023,2024\nNorth,10,20\nSouth,30,40\n", ["North; 2023: 10; 2024: 20.", "South; 2023: 30; 2024: 40."]),
        ("Hour,1,2,3\nGate,70,12,55\n", ["Hour: Gate; 1: 70; 2: 12; 3: 55."]),
        (
            "Statement\nIBAN;DE12 3456\n\nDate;Payee;Amount\n2024-05-01;Rewe;-12,30\n2024-05-02;Lidl;-9,99\n",
            [
                "Statement",
                "IBAN; DE12 3456.",
                "Date: 2024-05-01; Payee: Rewe; Amount: -12,30.",
                "Date: 2024-05-02; Payee: Lidl; Amount: -9,99.",
            ],
        ),
        (
            "Name,Born\nAda,1815,Countess\nBob,1990,Plumber\n",
            ["Name: Ada; Born: 1815; Countess.", "Name: Bob; Born: 1990; Plumber."],
        ),
        (
            ",Income,,Costs,\nTown,Q1,Q2,Q1,Q2\nPorto,1,2,3,9\n",
            ["Town: Porto; Income Q1: 1; Income Q2: 2; Costs Q1: 3; Costs Q2: 9."],
        ),
        ("1,2\n3,4\n7,9\n", ["1; 2.", "3; 4.", "7; 9."]),
        ("Ada,1815\nBob,1990\n", ["Ada; 1815.", "Bob; 1990."]),
        ("Ada,1815\nBob,unknown\n", ["Ada; 1815.", "Bob; unknown."]),
        ("Ada,ada@x.org\nBob,bob@x.org\n", ["Ada; ada@x.org.", "Bob; bob@x.org."]),
        ("Ada,Cook,Rome\nBob,Cook,Rome\n", ["Ada; Cook; Rome.", "Bob; Cook; Rome."]),
        ("Item,Price\nTea,4\nItem,Price\nMilk,2\n", ["Item: Tea; Price: 4.", "Item: Milk; Price: 2."]),
        ("Name:,Ada\nBorn:,1815\n", ["Name: Ada.", "Born: 1815."]),
        ("sep=;\r\nName;Town\r\nAda, the first;Leeds\r\n", ["Name: Ada, the first; Town: Leeds."]),
        ("Name,Town\n", ["Name; Town."]),
    ],
)  # fmt: skip
def test_the_header_is_found(source: str, expected: list[str]) -> None:
    assert lines(read(Path("a.csv"), source.encode())) == expected


def test_records_beyond_those_looked_at_have_names() -> None:
    source = "".join(f"Title {n}\n" for n in range(100)) + "Town,Rent\n" + "".join(f"T{n},{n}\n" for n in range(100))
    assert lines(read(Path("a.csv"), source.encode()))[-1] == "Town: T99; Rent: 99."


def test_days_name_the_columns_of_a_sheet() -> None:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("P&L")
    sheet.write(0, 0, "Income statement")
    for column, month in enumerate((1, 2, 3), start=1):
        sheet.write_datetime(2, column, date(2024, month, 1), book.add_format({"num_format": "mmm yy"}))
    sheet.write(2, 0, "Line")
    sheet.write_row(3, 0, ["Revenue", 100, 110, 120])
    book.close()
    assert lines(read(Path("a.xlsx"), stream.getvalue())) == [
        "Income statement",
        "Line: Revenue; 2024-01-01: 100; 2024-02-01: 110; 2024-03-01: 120.",
    ]


def test_years_name_the_columns_of_a_sheet_of_libreoffice() -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Sales")
    for cells in (["Region", "2023", "2024"], ["North", "10", "20"]):
        row = TableRow()
        for shown in cells:
            cell = TableCell()
            cell.addElement(P(text=shown))
            row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    stream = io.BytesIO()
    document.save(stream)
    assert read(Path("a.ods"), stream.getvalue()).text == "Region: North; 2023: 10; 2024: 20."


def page(html: str) -> list[str]:
    return lines(read(Path("a.html"), f"<body><p>The rents of the year.</p>{html}</body>".encode()))[1:]


HEAD = "<tr><th>Town</th><th>Rent</th></tr>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<table>{HEAD}<tr><td>Braga</td><td>700</td></tr></table>", ["Town: Braga; Rent: 700."]),
        (
            "<table><caption>Rents</caption><thead><tr><th rowspan=2>Town</th><th colspan=2>Rent</th></tr>"
            "<tr><th>2023</th><th>2024</th></tr></thead><tr><td rowspan=2>Porto</td><td>1</td><td>2</td></tr>"
            "<tr><td>3</td><td>4</td></tr></table>",
            ["Rents", "Town: Porto; Rent 2023: 1; Rent 2024: 2.", "Town: Porto; Rent 2023: 3; Rent 2024: 4."],
        ),
        (
            f"<table>{HEAD}<tr><th colspan=2>North</th></tr><tr><td>Braga<br>(old town)</td><td>7</td></tr></table>",
            ["North", "Town: Braga (old town); Rent: 7."],
        ),
        ("<table><tr><th>Born</th><td>1815</td></tr><tr><th>Died</th><td>1852</td></tr></table>",
         ["Born: 1815.", "Died: 1852."]),
        ("<table><tr><td>Town</td><td>Rent</td></tr><tr><td>Braga</td><td>700</td></tr></table>",
         ["Town: Braga; Rent: 700."]),
        ("<table><tr><td>Monday</td><td>closed</td></tr><tr><td>Tuesday</td><td>open</td></tr></table>",
         ["Monday; closed.", "Tuesday; open."]),
        ("<table><tr><td><b>Day</b></td><td><b>Hours</b></td></tr><tr><td>Tuesday</td><td>late</td></tr></table>",
         ["Day: Tuesday; Hours: late."]),
        # what only arranges text
        ("<table><tr><td>Rent</td><td><table><tr><td>Rents rose.</td></tr><tr><td>Again.</td></tr></table></td></tr>"
         "</table>", ["Rent", "Rents rose.", "Again."]),
        ("<table><tr><th>Rent</th></tr><tr><td>Rents rose.</td></tr></table>", ["Rent", "Rents rose."]),
        (f"<table><tr><td>Rent</td><td>{'It rose. ' * 40}</td></tr><tr><td>Town</td><td>It grew.</td></tr></table>",
         ["Rent", ("It rose. " * 40).strip(), "Town", "It grew."]),
        (f"<table role='presentation'>{HEAD}<tr><td>It rose.</td><td>A lot.</td></tr></table>",
         ["Town", "Rent", "It rose.", "A lot."]),
        (f"<table>{HEAD}<p>In May.</p><tr><td>Braga</td><td>7</td></tr></table>",
         ["Town", "Rent", "In May.", "Braga", "7"]),
    ],
)  # fmt: skip
def test_tables_of_a_page(html: str, expected: list[str]) -> None:
    assert page(html) == expected


def test_tables_of_mails_and_books() -> None:
    html = f"<p>Hello.</p><table>{HEAD}<tr><td id='braga'>Braga</td><td>700</td></tr></table><p>Bye.</p>"
    mail = f"Subject: x\nFrom: a@b.c\nContent-Type: text/html\n\n{html}"
    assert "\n\nTown: Braga; Rent: 700.\n\n" in read(Path("a.eml"), mail.encode()).text
    text, marks = block_text(BeautifulSoup(html, "lxml"), {"braga"})
    assert [text[start:].split("\n")[0] for start, _ in marks] == ["Town: Braga; Rent: 700."]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("He wrote<sup>1</sup> it.", "He wrote it."),
        ("He wrote it.<sup><a href='#n'>[2]</a></sup>", "He wrote it."),
        ("In 2023<a href='#n'><sup>a</sup></a> it rose.", "In 2023 it rose."),
        ("In 2023<sup>1</sup> it rose.", "In 2023 it rose."),
        ("He wrote<a epub:type='noteref' href='#n'>1</a> it.", "He wrote it."),
        ("He wrote<a href='n.xhtml#n1'>1</a> it, p.<a href='#p5'>5</a>.", "He wrote it, p.5."),
        ("20 m<sup>2</sup>, 5 km<sup>2</sup>, 10<sup>3</sup> and 10<sup>-3</sup>.", "20 m², 5 km², 10³ and 10⁻³."),
        ("<i>x</i><sup>2</sup> on the 2<sup>nd</sup>, le 1<sup>er</sup>, M<sup>me</sup>", "x² on the 2nd, le 1er, Mme"),
        ("<sup>1</sup>See there.", "1 See there."),
    ],
)
def test_what_is_raised(html: str, text: str) -> None:
    assert block_text(BeautifulSoup(f"<p>{html}</p>", "lxml"))[0] == text


def test_spans_beyond_all_measure_take_no_time() -> None:
    row = "<tr><td rowspan=65534 colspan=1000>x</td><td rowspan=65534>y</td></tr>"
    start = time.process_time()
    assert "x" in page(f"<table>{HEAD}{row * 1000}</table>")
    assert "x" in page("<table><tr><td>" * 1000 + "x")
    assert time.process_time() - start < 10
