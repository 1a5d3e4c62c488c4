"""What a trial's impulse costs: on the run's target, part by part and against its limits, and on other devices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eitui.analysis.figures import NETWORK, WHOLE, Costed, Lens, cost, cost_parts, covers
from eitui.analysis.ranking import usual_lens
from eitui.domain.detail import ENGINES, Device, OnDevice, TrialDetail
from eitui.domain.run import Run, Target
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines
from eitui.view.kit.status import CAUTION, FAULT, OVER
from eitui.view.trial.parts import chosen_precision, finished, of_before, why_none

_NAME, _VALUE = 9, 9
_PART = 10
"""Cells of a value in the table of parts."""

_MOST_BAR, _LEAST_BAR = 40, 8
_VERDICT = 26
"""Cells for the comparison with a limit."""

_MOST_DEVICE = 34

_NO_LIMITS = Target()


@dataclass(frozen=True)
class _Cost:
    """One figure to hold against a limit."""

    name: str
    engine: str
    value: float | None
    limit: float | None
    latency: bool = False

    def shown(self, value: float | None) -> str:
        return fmt.latency(value) if self.latency else fmt.memory(value)


def device_lines(detail: TrialDetail, trial: Trial, run: Run, width: int, lens: Lens | None = None) -> list[Line]:
    """Return the costs at every precision, then the other devices at that of `lens`; `width` is 60 cells or more."""
    if not detail.devices:
        return finished([note_lines(why_none(trial, "values for devices"), width)], detail, width)
    target = run.config.target
    limits = [
        text
        for text, limit in (
            (f"{fmt.latency(target.latency_ms)} latency", target.latency_ms),
            (f"{fmt.memory(target.ram_bytes)} RAM", target.ram_bytes),
            (f"{fmt.memory(target.rom_bytes)} ROM", target.rom_bytes),
        )
        if limit is not None
    ]
    about = [heading("Target"), *note_lines(f"limits: {', '.join(limits)}" if limits else "no limits set", width)]
    about[0] += ((f"  {target.device or target_name(detail.devices) or 'not named'}", ""),)
    costs = cost_sections(detail.devices, lens or usual_lens(run), width, target, trial)
    return finished([of_before(trial, width), about, *costs], detail, width)


def cost_sections(
    devices: Mapping[str, OnDevice],
    lens: Lens,
    width: int,
    target: Target = _NO_LIMITS,
    costed: Costed | None = None,
) -> list[list[Line]]:
    """Return the sections of `device_lines` about the costs, of which there is at least one.

    `costed` has the cost of every part of the impulse; None: what the devices say is all there is.
    """
    precision = chosen_precision(devices, lens)
    ordered = [precision, *(other for other in devices if other != precision)]
    return [
        *(_on_target(name, devices[name], costed, target, width) for name in ordered),
        _others(precision, devices[precision].others, width),
    ]


def target_name(devices: Mapping[str, OnDevice]) -> str:
    """Return what the service calls the target; empty where it does not."""
    return next((one.target.name for one in devices.values() if one.target is not None and one.target.name), "")


def _on_target(precision: str, on_device: OnDevice, costed: Costed | None, target: Target, width: int) -> list[Line]:
    """Return the costs on the target at one precision, with why figures are missing, in the service's words."""
    found: list[Line] = [heading(precision)]
    device = on_device.target
    job = f" (job {on_device.profiling_job})" if on_device.profiling_job is not None else ""
    if on_device.supported is False:
        why = on_device.why_not or "reason unknown"
        found += FAULT.lines(f"No microcontroller can run it: {why}", width)
    elif on_device.why_not:
        found += CAUTION.lines(on_device.why_not, width)
    if on_device.profiling_failed:
        found += CAUTION.lines(f"Profiling failed{job}.", width)
    elif job:
        found += note_lines(f"Profiling is still running{job}.", width)
    if device is not None and device.problem:
        found += CAUTION.lines(device.problem, width)
    if device is None or (device.latency_ms is None and not device.memory):
        if len(found) == 1:
            found += note_lines("No values for the target at this precision.", width)
        return found
    parts = () if costed is None else cost_parts(costed, precision)
    found += [] if costed is None else _parts(costed, precision, width)

    # The costs of the whole impulse: with each engine, what the other parts take is added to the network's.
    beside = [known for name, known in parts if name != NETWORK]
    memories = [(engine, device.memory[engine]) for engine in ENGINES if engine in device.memory]
    latency = _added([device.latency_ms, *(known.latency_ms for known in beside)])
    costs = [_Cost("latency", "", latency, target.latency_ms, latency=True)]
    for engine, memory in memories:
        ram = _added([memory.ram, *(known.ram_bytes for known in beside)])
        costs.append(_Cost("RAM", engine, ram, target.ram_bytes))
    for engine, memory in memories:
        rom = _added([memory.rom, *(known.rom_bytes for known in beside)])
        costs.append(_Cost("ROM", engine, rom, target.rom_bytes))
    engines = max(len_cells(cost.engine) for cost in costs)
    found += [_bar_line(cost, engines, width, limited=target != Target(target.device)) for cost in costs]

    for engine, memory in memories:
        if memory.arena is not None or memory.model is not None:
            text = f"arena {fmt.memory(memory.arena)} of the RAM, model {fmt.memory(memory.model)} of the ROM"
            found.append(((f"  with {engine}: ", "dim"), (text, "")))
    found += [((f"  {name}: ", "dim"), (value or fmt.MISSING, "")) for name, value in device.custom]
    return found


_COST_NAMES = {"latency_ms": "latency", "ram_bytes": "RAM", "rom_bytes": "ROM"}


def _parts(costed: Costed, precision: str, width: int) -> list[Line]:
    """Return what each part of the impulse costs and the total, and whether parts are missing from it."""
    rows = [*cost_parts(costed, precision), ("total", cost(costed, precision))]
    names = max(len_cells(name) for name, _ in rows)
    lines: list[Line] = [
        ((" " * (2 + names), ""), *((fit(name, _PART, "right"), "dim") for name in _COST_NAMES.values()))
    ]
    for name, known in rows:
        texts = (fmt.latency(known.latency_ms), fmt.memory(known.ram_bytes), fmt.memory(known.rom_bytes))
        tone = "title" if name == "total" else ""
        cells = ((fit(text, _PART, "right"), "dim" if text == fmt.MISSING else tone) for text in texts)
        lines.append(((f"  {fit(name, names)}", tone), *cells))
    # The service has no ROM of other parts: that of the network is all there is to judge by.
    of = {name: covers(costed, precision, field) for field, name in _COST_NAMES.items() if field != "rom_bytes"}
    partly = [f"{name}: {covered} only" for name, covered in of.items() if covered not in (None, WHOLE)]
    if partly:
        lines += CAUTION.lines(f"The total lacks what the service did not send ({', '.join(partly)}).", width)
    return lines


def _added(values: Sequence[float | None]) -> float | None:
    """Return the sum of what is known; None where the first, the network's, is not."""
    return None if values[0] is None else sum(value for value in values if value is not None)


def _bar_line(cost: _Cost, engines: int, width: int, *, limited: bool) -> Line:
    text = cost.shown(cost.value)
    lead: Line = (
        (f"  {fit(cost.name, _NAME)}", ""),
        (fit(cost.engine, engines), "dim"),
        (fit(text, _VALUE, "right"), "" if text != fmt.MISSING else "dim"),
    )
    if cost.value is None:
        return (*lead, ("  not known, or not supported", "dim"))
    if cost.limit is None:
        return (*lead, ("  no limit", "dim")) if limited else lead
    room = min(_MOST_BAR, width - 2 - _NAME - engines - _VALUE - 2 - _VERDICT)
    share = cost.value / cost.limit
    line = [*lead]
    if room >= _LEAST_BAR:
        # The end of the bar is the limit; a bar that goes beyond it ends in an arrow.
        filled = round(share * room) if share <= 1 else room - 1
        rest = ("▶", OVER.tone) if share > 1 else ("·" * (room - filled), "dim")
        line += [("  ", ""), ("█" * filled, OVER.tone if share > 1 else "accent"), rest]
    line += [(f"  {_percent(share)}", OVER.tone if share > 1 else ""), (f" of {cost.shown(cost.limit)}", "dim")]
    return (*line, (" over", OVER.tone)) if share > 1 else tuple(line)


def limit_lines(costed: Costed, target: Target, lens: Lens, width: int) -> list[Line]:
    """Return what the whole impulse costs, each figure as a bar against its limit; nothing where no cost is known."""
    known = cost(costed, lens.precision)
    costs = [
        _Cost("latency", "", known.latency_ms, target.latency_ms, latency=True),
        _Cost("RAM", "", known.ram_bytes, target.ram_bytes),
        _Cost("ROM", "", known.rom_bytes, target.rom_bytes),
    ]
    told = [one for one in costs if one.value is not None]
    return [_bar_line(one, 0, width, limited=target != Target(target.device)) for one in told]


_MOST_SHARE = 1e9
"""Shares are shown as if no larger."""


def _percent(share: float) -> str:
    """Return how much of a limit is used, in whole percent: 100 only at the limit, more only above it."""
    share = min(share, _MOST_SHARE)
    percent = round(share * 100)
    if share < 1:
        percent = min(99, percent)
    elif share > 1:
        percent = max(101, percent)
    text = str(percent) if percent < 10_000 else f"{share * 100:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{text:>4}%"


def _others(precision: str, devices: Sequence[Device], width: int) -> list[Line]:
    if not devices:
        return note_lines("No values for other devices.", width)
    names = min(_MOST_DEVICE, max(6, *(len_cells(device.name or device.id) for device in devices)), width - 4 * _VALUE)
    lines = [
        heading("Other devices", f"{precision}, network only, the fastest first; memory with EON"),
        (
            (f"  {fit('device', names)}", "dim"),
            *((fit(name, _VALUE, "right"), "dim") for name in ("latency", "RAM", "ROM")),
        ),
    ]
    for device in sorted(devices, key=lambda device: (device.latency_ms is None, device.latency_ms or 0.0)):
        name = (f"  {fit(device.name or device.id or 'not named', names)}", "")
        if device.latency_ms is None and not device.memory:
            lines.append((name, (f"  {device.problem or 'no values'}", "warn" if device.problem else "dim")))
            continue
        engines = [device.memory[engine] for engine in ENGINES if engine in device.memory]
        ram = next((memory.ram for memory in engines if memory.ram is not None), None)
        rom = next((memory.rom for memory in engines if memory.rom is not None), None)
        figures = (fmt.latency(device.latency_ms), fmt.memory(ram), fmt.memory(rom))
        more = ", ".join([*(f"{key} {value}" for key, value in device.custom), *filter(None, [device.problem])])
        cells = ((fit(text, _VALUE, "right"), "") for text in figures)
        lines.append((name, *cells, (f"  {more}" if more else "", "dim")))
    return lines
