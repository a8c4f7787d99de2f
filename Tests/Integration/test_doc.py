"""The page that tells what each column became: its programs run, hostile names are text, and what nobody described stands out."""

import html
import html.parser
import re

import boto3

import program
import servers

NAMES = "day,carrier,flight,hostile <script>,\"a|b`c\",legacy\n"


def spec(**changes):
    return {
        "version": 1, "job": "flights", "source": {"file": "flights.csv"},
        "target": {"table": "flights", "create": {"billing": "on-demand"}},
        "key": {
            "hash": {"attribute": "day", "type": "S", "about": "day of departure", "salt": {"shards": 7, "by": ["flight"]}},
            "range": {"attribute": "flight", "type": "N", "about": "number of the flight"},
        },
        "indexes": [{
            "name": "by_carrier", "hash": {"attribute": "carrier", "salt": {"shards": 3, "by": ["flight"], "into": "carrier_shard"}},
        }],
        "attributes": {
            "carrier": {"type": "S", "about": "who flies <it> & \"how\""}, "hostile": {"from": "hostile <script>", "type": "S"},
            "a|b`c": "S",
        },
        "drop": ["legacy"], "rate": {"ceiling": "none"}, **changes,
    }


def write(scratch, **changes):
    rows = "".join(f"2013-01-{day:02},AA,{day * 10}.0,h,i,x\n" for day in range(1, 9))
    (scratch / "flights.csv").write_text(NAMES + rows)
    return program.write_spec(scratch, spec(**changes))


class Balanced(html.parser.HTMLParser):
    """Collects the text of a page and checks that every element is closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_holds_every_column_and_nothing_active(scratch):
    path = write(scratch)
    page = program.run("doc", path).expect(0).out
    parsed = Balanced()
    parsed.feed(page)
    assert parsed.open == [], parsed.open
    assert not {"script", "link", "img", "iframe"} & set(parsed.tags)
    text = "".join(parsed.text)
    for expected in ["hostile <script>", "a|b`c", "legacy", "left out", "day of departure", 'who flies <it> & "how"', "carrier_shard",
                     "2 columns have no description", "no description"]:
        assert expected in text, expected
    assert len(page) < 60_000


def test_programs_on_the_page_read_what_was_loaded(scratch, serve):
    server = serve()
    path = write(scratch)
    program.load(path, server.url).expect(0)
    page = program.run("doc", path, "--format", "html").expect(0).out
    programs = [html.unescape(code) for code in re.findall(r'<code class="python">(.*?)</code>', page, re.S)]
    assert len(programs) == 2, "one for the table, one for its salted index"
    resource = boto3.resource(
        "dynamodb", endpoint_url=server.url, region_name=servers.REGION, aws_access_key_id="a", aws_secret_access_key="b")
    for code, key, count in [(programs[0], "2013-01-03", 1), (programs[1], "AA", 8)]:
        names = {"resource": resource}
        exec(code.replace('boto3.resource("dynamodb")', "resource"), names)
        assert len(list(names["gather"](key))) == count
        if "get" in names:
            assert names["get"]("2013-01-03", 30)["carrier"] == "AA"
    shell = re.findall(r'<code class="sh">(.*?)</code>', page)
    assert shell[0] == "saltmill query flights KEY" and shell[1] == "saltmill query flights --index by_carrier KEY"


def test_markdown_has_one_row_per_column_whatever_they_are_called(scratch):
    path = write(scratch)
    output = scratch / "page.md"
    program.run("doc", path, "--output", output).expect(0)
    lines = output.read_text().splitlines()
    head = next(index for index, line in enumerate(lines) if line.startswith("| Column"))
    rows = []
    for line in lines[head + 2:]:
        if not line.startswith("|"):
            break
        rows.append(re.split(r"(?<!\\)\|", line)[1:-1])
    assert len(rows) == 6 and {len(row) for row in rows} == {4}, rows


def test_a_column_without_description_fails_when_asked_to(scratch):
    path = write(scratch)
    result = program.run("doc", path, "--require-about").expect(1)
    assert "hostile <script>" in result.err and "about" in result.err
    described = {**spec()["attributes"], "hostile": {"from": "hostile <script>", "type": "S", "about": "h"},
                 "a|b`c": {"type": "S", "about": "i"}}
    program.run("doc", write(scratch, attributes=described), "--require-about").expect(0)
