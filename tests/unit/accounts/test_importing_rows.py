"""Reading an import file: every problem has a line, a column and a code."""

from __future__ import annotations

import pytest

from recovery_core.accounts.account import Role, Status
from recovery_core.accounts.address import parse
from recovery_core.accounts.importing_problems import LISTED, Problem, ProblemCode, Problems
from recovery_core.accounts.importing_rows import Row, RowReader, shared_phones
from recovery_core.accounts.importing_text import FileRefusedError, text_lines

HEADER = "address,name,role,status,phone,backup,employee_number,language,hash"
GOOD = "alice@example.com,Alice Wang,employee,active,13800138000,alice@backup.example,E1001,zh,"


def hash_reader(encoded: str) -> str:
    """Take what begins with ``$``; name the code of anything else in the value itself."""
    if encoded.startswith("$"):
        return encoded
    raise ValueError(encoded)


def read(text: str | bytes) -> tuple[list[Row], Problems]:
    """Return the good rows and the problems of *text*."""
    raw = text.encode() if isinstance(text, str) else text
    reader = RowReader(frozenset({"example.com", "premium.example"}), hash_reader)
    rows = list(reader.rows(text_lines(raw.splitlines(keepends=True))))
    return rows, reader.problems


def only(text: str) -> Problem:
    """Return the only problem of *text*, which has no good row."""
    rows, problems = read(text)
    assert not rows
    assert problems.count == 1
    return problems.listed[0]


def row_with(**cells: str) -> str:
    """Return a file of one row, good but for *cells*."""
    names = HEADER.split(",")
    values = dict(zip(names, GOOD.split(","), strict=True)) | cells
    return HEADER + "\n" + ",".join(values[name] for name in names) + "\n"


def test_a_good_row_becomes_values() -> None:
    """Every column arrives in its normal form."""
    rows, problems = read(row_with(address="Alice@EXAMPLE.com", hash="$6$x"))
    assert problems.count == 0
    assert rows == [
        Row(
            2,
            "alice@example.com",
            "Alice Wang",
            Role.EMPLOYEE,
            Status.ACTIVE,
            "+8613800138000",
            "alice@backup.example",
            "E1001",
            "zh",
            "$6$x",
        )
    ]


def test_a_row_shows_no_contact_and_no_hash() -> None:
    """The representation of a row can be logged."""
    shown = repr(read(row_with(hash="$6$x"))[0][0])
    assert "138" not in shown
    assert "backup" not in shown
    assert "$6$" not in shown


def test_columns_come_in_any_order_and_case() -> None:
    """The header decides which cell is what."""
    names, cells = HEADER.split(","), GOOD.split(",")
    rows, problems = read(",".join(names[::-1]).upper() + "\n" + ",".join(cells[::-1]))
    assert problems.count == 0
    assert rows[0].address == "alice@example.com"


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    """Spreadsheets write one; it changes nothing."""
    rows, problems = read(b"\xef\xbb\xbf" + row_with().encode())
    assert (len(rows), problems.count) == (1, 0)


def test_lines_are_counted_through_line_breaks_and_blank_lines() -> None:
    """A row is reported where it begins, whatever stands before it."""
    quoted = GOOD.replace("Alice Wang", '"Alice\nWang"')
    rows, problems = read(f"{HEADER}\n\n{quoted}\n,,,,,,,,\n{GOOD.replace('alice@e', 'a@e')}\n")
    assert problems.listed == [Problem(3, "name", ProblemCode.CONTROL)]
    assert [row.line for row in rows] == [6]


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("utf-16", ProblemCode.UTF16), ("utf-16-le", ProblemCode.UTF16), ("gbk", ProblemCode.GBK)],
)
def test_other_encodings_are_named(encoding: str, code: ProblemCode) -> None:
    """What Excel saves by default is recognised and called by its name."""
    with pytest.raises(FileRefusedError) as caught:
        read(row_with(name="王爱丽").encode(encoding))
    assert caught.value.problem.code is code


def test_broken_bytes_have_a_line() -> None:
    """Bytes of no known encoding are reported where they stand."""
    with pytest.raises(FileRefusedError) as caught:
        read(HEADER.encode() + b"\n\xff\n")
    assert caught.value.problem == Problem(2, "", ProblemCode.NOT_UTF8)


def test_an_empty_file_has_no_header() -> None:
    """Nothing at all is reported as a missing header."""
    with pytest.raises(FileRefusedError) as caught:
        read("")
    assert caught.value.problem.code is ProblemCode.HEADER_MISSING


def test_an_open_quote_ends_the_reading() -> None:
    """A quote that is never closed is reported where its row begins."""
    with pytest.raises(FileRefusedError) as caught:
        read(f'{HEADER}\n{GOOD}\n"open,\n')
    assert caught.value.problem == Problem(3, "", ProblemCode.NOT_CSV)


def test_data_in_place_of_the_header_is_not_repeated() -> None:
    """A file that begins with an account is told that the header is missing, without the account."""
    assert only(GOOD) == Problem(1, "", ProblemCode.HEADER_MISSING)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_are_named(mark: str) -> None:
    """Semicolons and tabs are reported as such, not as one strange column."""
    assert only(HEADER.replace(",", mark)).code is ProblemCode.DELIMITER


def test_a_mistyped_column_is_named_with_the_nearest_both_ways() -> None:
    """An unknown and a missing column each name what they resemble."""
    _, problems = read(HEADER.replace("backup", "back-up"))
    assert problems.listed == [
        Problem(1, "back-up", ProblemCode.COLUMN_UNKNOWN, "back-up", "backup"),
        Problem(1, "backup", ProblemCode.COLUMN_MISSING, "backup", "back-up"),
    ]


def test_a_column_that_is_there_twice_is_refused() -> None:
    """Nobody guesses which of two equal columns counts."""
    assert only(HEADER + ",phone") == Problem(1, "phone", ProblemCode.COLUMN_TWICE, "phone")


def test_a_row_with_a_cell_too_many_is_refused() -> None:
    """A row must have as many cells as the header."""
    assert only(f"{HEADER}\n{GOOD},\n") == Problem(2, "", ProblemCode.CELLS, "10", "9")


@pytest.mark.parametrize("column", ["address", "name", "role", "status", "language"])
def test_five_columns_need_a_value(column: str) -> None:
    """An empty address, name, role, status or language is refused."""
    assert only(row_with(**{column: " "})).code is ProblemCode.EMPTY


@pytest.mark.parametrize("column", ["phone", "backup", "employee_number", "hash"])
def test_four_columns_may_be_empty(column: str) -> None:
    """An empty phone, backup, employee number or hash means that there is none."""
    rows, problems = read(row_with(**{column: ""}))
    assert problems.count == 0
    assert getattr(rows[0], column) is None


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("address", "alice", ProblemCode.ADDRESS),
        ("address", "alice@elsewhere.org", ProblemCode.DOMAIN),
        ("role", "boss", ProblemCode.CHOICE),
        ("status", "on", ProblemCode.CHOICE),
        ("language", "fr", ProblemCode.CHOICE),
        ("name", "x" * 201, ProblemCode.TOO_LONG),
        ("employee_number", "x" * 65, ProblemCode.TOO_LONG),
        ("phone", "138001380000", ProblemCode.PHONE),
        ("phone", "+8657188888888", ProblemCode.PHONE_CN),
        ("phone", "+123456", ProblemCode.PHONE),
        ("phone", "+1234567890123456", ProblemCode.PHONE),
        ("backup", "nobody", ProblemCode.BACKUP),
        ("backup", "ALICE@example.com", ProblemCode.BACKUP_OWN),
        ("backup", "alice+safe@example.com", ProblemCode.BACKUP_OWN),
        ("hash", "unknown_scheme", ProblemCode.HASH_SCHEME),
        ("hash", "malformed_hash", ProblemCode.HASH_MALFORMED),
        ("hash", "cost_out_of_range", ProblemCode.HASH_COST),
        ("hash", "prefix_mismatch", ProblemCode.HASH_SCHEME),
        ("hash", "Demo-Passw0rd!", ProblemCode.HASH_SCHEME),
    ],
)
def test_a_bad_value_is_reported_by_line_and_column(column: str, value: str, code: ProblemCode) -> None:
    """R19: each refusal has its own code."""
    problem = only(row_with(**{column: value}))
    assert (problem.line, problem.column, problem.code) == (2, column, code)


def test_a_hash_is_never_part_of_its_problem() -> None:
    """Who put plain passwords into the column does not read them again in a log."""
    assert "Demo" not in repr(only(row_with(hash="Demo-Passw0rd!")))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("+44 (20) 7946 0958", "+442079460958"),
        ("+1234567", "+1234567"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_phones_are_stored_in_e164(typed: str, stored: str) -> None:
    """Eleven digits of a Chinese mobile get +86; 7 and 15 digits are the first and last good lengths."""
    assert read(row_with(phone=typed))[0][0].phone == stored


def test_the_longest_name_and_number_pass() -> None:
    """200 and 64 characters are the last good lengths."""
    assert read(row_with(name="x" * 200, employee_number="x" * 64))[1].count == 0


def test_an_address_that_comes_twice_names_the_first_line() -> None:
    """Spelling does not hide a second row for the same mailbox."""
    _, problems = read(f"{HEADER}\n{GOOD}\n{GOOD.replace('alice@e', 'ALICE@E')}\n")
    assert problems.listed == [Problem(3, "address", ProblemCode.ADDRESS_TWICE, near="2")]


def test_all_problems_of_all_rows_are_reported_together() -> None:
    """Nobody corrects a file one error at a time."""
    text = row_with(role="boss", phone="1") + GOOD.replace("zh", "xx").replace("alice@e", "a@e")
    _, problems = read(text)
    assert [(p.line, p.column) for p in problems.listed] == [(2, "role"), (2, "phone"), (3, "language")]


@pytest.mark.parametrize(("bad", "unlisted"), [(LISTED, 0), (LISTED + 1, 1)])
def test_fifty_problems_are_listed_and_the_rest_counted(bad: int, unlisted: int) -> None:
    """The list ends at 50; the count does not."""
    _, problems = read(HEADER + "\n" + "x\n" * bad)
    assert (len(problems.listed), problems.unlisted) == (LISTED, unlisted)


def test_two_accounts_may_share_a_phone() -> None:
    """A shared phone is no problem, only counted for a warning."""
    rows, problems = read(f"{HEADER}\n{GOOD}\n{GOOD.replace('alice@e', 'bob@e')}\n")
    assert problems.count == 0
    assert shared_phones(rows) == {"+8613800138000": 2}


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com",
        "a.b-c_d@example.com",
        "x" * 64 + "@example.com",
        "Alice@Example.COM",
        "ａｌｉｃｅ@example.com",
        "o'neil+x@example.com",
    ],
)
def test_addresses_are_read_as_everywhere_else(address: str) -> None:
    """The short cut for plain addresses gives what the one reader of addresses gives."""
    rows, problems = read(row_with(address=address))
    assert problems.count == 0
    assert rows[0].address == parse(address).text


@pytest.mark.parametrize(
    "address",
    [
        "x" * 65 + "@example.com",
        ".a@example.com",
        "a..b@example.com",
        "a@b@example.com",
        "a@-example.com",
        "a@com",
    ],
)
def test_what_is_no_address_elsewhere_is_none_here(address: str) -> None:
    """The short cut refuses what the one reader of addresses refuses."""
    assert only(row_with(address=address)).code is ProblemCode.ADDRESS
