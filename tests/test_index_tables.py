"""Each row of a table is a line with the names of its columns, wherever these stand and whatever they look like."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

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
        ("Name,Born\nAda,1815,Countess\nBob,1990,Plumber\n", ["Name: Ada; Born: 1815; Countess.", "Name: Bob; Born: 1990; Plumber."]),
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
