"""The same postings by others, each in a process of its own; prints seconds, lines, balance and peak memory as JSON.

`python -m bench.close_peers pandas|polars HOME OUT`: facts read, every line charged and balanced, written as
Parquet with the columns of our `lines`, packed like it.
`python -m bench.close_peers journal HOME OUT`: the postings as a plain-text journal, for hledger.

They count what the town has (area, residents, flats, meters, `Сальдо`, payments) in whole numbers, exactly;
corrections, recalculations, penalties, versions of lines and every proof are ours alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.measure import MIB, Result, in_fresh_process, peak_memory, timed
from bench.towns import CLOSED, make_town
from inbox_worker.month.tables import LINES

KEY = ["account", "customer", "service"]
FIGURES = LINES.names[3:]  # of our lines; those that need a form or a penalty are zero in this town
_COLUMNS = {
    "directory": [*KEY, "base", "area", "residents", "tariff", "reading", "balance"],
    "meter_readings": [*KEY, "current"],
    "allocations": [*KEY, "amount"],
}
_SCALES = {"area": 3, "reading": 3, "current": 3, "tariff": 4, "balance": 2, "amount": 2}


def facts(home: Path, kind: str) -> pa.Table:
    """A kind's facts of the whole town, decimals as whole numbers of their last place."""
    files = sorted((home / "ledger" / "facts").rglob(f"{kind}-*.parquet"))
    table = pa.concat_tables([pq.read_table(file, columns=_COLUMNS[kind]) for file in files])
    for place, name in enumerate(table.column_names):
        if name in _SCALES:
            wide = pc.multiply(table.column(name), pa.scalar(10 ** _SCALES[name], pa.int64()))
            table = table.set_column(place, name, pc.cast(wide, pa.int64(), safe=False))
    return table


def pandas(home: Path, out: Path) -> tuple[int, int]:
    """Merges and whole columns."""
    lines = facts(home, "directory").to_pandas()
    readings, paid = (facts(home, kind).to_pandas() for kind in ("meter_readings", "allocations"))
    lines = lines.merge(readings, on=KEY, how="left")
    paid = paid.groupby(KEY, as_index=False)["amount"].sum()
    lines = lines.merge(paid, on=KEY, how="left")
    used = (lines["current"] - lines["reading"]).fillna(0)
    water = lines.assign(used=used)[lines["service"] == "cold_water"].set_index("account")["used"]
    quantity = used.where(lines["service"] != "cold_sewerage", lines["account"].map(water))
    quantity = quantity.mask(lines["base"] == "м²", lines["area"]).mask(lines["base"] == "кв.", 1000)
    quantity = quantity.mask(lines["base"] == "чел.", lines["residents"] * 1000).fillna(0).astype("int64")
    lines = lines.rename(columns={"balance": "opening"}).assign(quantity=quantity)
    lines["paid"] = lines["amount"].fillna(0).astype("int64")
    lines["charged"] = (lines["tariff"] * quantity + 50_000) // 100_000
    lines["closing"] = lines["opening"] + lines["charged"] - lines["paid"]
    lines = lines.assign(**{name: 0 for name in FIGURES if name not in lines}).sort_values(KEY)
    lines[[*KEY, *FIGURES]].to_parquet(out, compression="zstd", compression_level=1, index=False)
    return len(lines), int(lines["closing"].sum())


def polars(home: Path, out: Path) -> tuple[int, int]:
    """The same as expressions of Polars, by its own threads."""
    import polars as pl

    lines, readings, paid = (pl.from_arrow(facts(home, kind)).lazy() for kind in _COLUMNS)  # type: ignore[union-attr]
    paid = paid.group_by(KEY).agg(pl.col("amount").sum())
    lines = lines.join(readings, on=KEY, how="left").join(paid, on=KEY, how="left")
    lines = lines.with_columns(used=(pl.col("current") - pl.col("reading")).fill_null(0))
    water = lines.filter(pl.col("service") == "cold_water").select("account", water="used")
    base = pl.col("base")
    quantity = (
        pl.when(base == "м²").then(pl.col("area")).when(base == "чел.").then(pl.col("residents") * 1000)
        .when(base == "кв.").then(1000).when(pl.col("service") == "cold_sewerage").then(pl.col("water"))
        .otherwise(pl.col("used")).fill_null(0)
    )  # fmt: skip
    lines = lines.join(water, on="account", how="left").with_columns(
        quantity=quantity, opening=pl.col("balance"), paid=pl.col("amount").fill_null(0)
    )
    lines = lines.with_columns(charged=(pl.col("tariff") * pl.col("quantity") + 50_000) // 100_000)
    lines = lines.with_columns(closing=pl.col("opening") + pl.col("charged") - pl.col("paid"))
    known = {"tariff", "quantity", "opening", "charged", "paid", "closing"}
    zeros = [pl.lit(0, pl.Int64).alias(name) for name in FIGURES if name not in known]
    found = lines.with_columns(zeros).select([*KEY, *FIGURES]).sort(KEY).collect()
    found.write_parquet(out, compression="zstd", compression_level=1)
    return found.height, int(found["closing"].sum())


def journal(home: Path, out: Path) -> tuple[int, int]:
    """Opening, charge and payment of each line as transactions of a plain-text journal."""
    found = pandas(home, out.with_suffix(".parquet"))
    rows = pq.read_table(out.with_suffix(".parquet")).to_pylist()
    with out.open("w", encoding="utf-8") as file:
        for row in rows:
            line = f"{row['account']}:{row['customer']}:{row['service']}"
            for day, name in (("01", "opening"), ("02", "charged"), ("21", "paid")):
                if row[name]:
                    tiyn = int(row[name]) * (-1 if name == "paid" else 1)
                    file.write(f"2026-08-{day} {name}\n    {line}  {tiyn / 100:.2f} KZT\n    {name}\n\n")
    return found


JOBS: dict[str, Callable[[Path, Path], tuple[int, int]]] = {"pandas": pandas, "polars": polars, "journal": journal}


def peers(folder: Path, quick: bool) -> Result:
    """The close of 100 000 accounts beside pandas, Polars and, of a fiftieth of them, hledger on the same postings."""
    accounts = 2_000 if quick else 100_000
    make_town(folder / "home", accounts)
    make_town(folder / "small", accounts // 50)
    ours = in_fresh_process("bench.close_once", [str(folder / "home")])
    rate = 10 * accounts / ours["seconds"]
    said = [
        f"the close, all proofs included  {ours['seconds']:7.2f} s, {ours['peak'] / MIB:5.0f} MiB, {rate:,.0f} lines/s"
    ]
    for name in ("pandas", "polars"):
        found = in_fresh_process("bench.close_peers", [name, str(folder / "home"), str(folder / f"{name}.parquet")])
        if found["closing"] != _closing(folder / "home"):
            raise RuntimeError(f"{name} and the close do not agree on the town's balance; nothing is compared")
        times = found["seconds"] / ours["seconds"]
        said.append(f"{name:25} {found['seconds']:7.2f} s, {found['peak'] / MIB:5.0f} MiB = {times:.2f} of the close")
    said.append(_hledger(folder, rate))
    return Result("peers", (f"{accounts} accounts x 10 services, each in a fresh process", *said))


def _closing(home: Path) -> int:
    """The town's balance by our close, in tiyn."""
    lines = pq.read_table(home / "ledger" / "closes" / str(CLOSED) / "lines.parquet", columns=["closing"])
    return int(pc.sum(lines.column("closing")).as_py() * 100)


def _hledger(folder: Path, rate: float) -> str:
    program, book = shutil.which("hledger"), folder / "town.journal"
    if program is None:
        return "hledger is not on PATH (Debian: apt-get install hledger)"
    lines = in_fresh_process("bench.close_peers", ["journal", str(folder / "small"), str(book)])["rows"]
    command = [program, "-f", str(book), "balance", "-N", "-O", "csv", "-o", str(folder / "balances.csv")]
    seconds = timed(lambda: subprocess.run(command, check=True))
    each = lines / seconds
    return (
        f"hledger balance, {lines:,.0f} lines: {seconds:.2f} s, {each:,.0f} lines/s; the close does {rate / each:.1f} x"
    )


def main() -> None:
    """Prints one JSON object of numbers."""
    name, home, out = sys.argv[1:]
    start = perf_counter()
    rows, closing = JOBS[name](Path(home), Path(out))
    seconds = perf_counter() - start
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": rows, "closing": closing, "peak": peak_memory()}))


if __name__ == "__main__":
    main()
