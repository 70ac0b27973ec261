"""Rows of figures, and how they are shown."""
import dataclasses


@dataclasses.dataclass
class Row:
    """One measure. `reach` bounds the value, `reach_ratio` the value divided by the peer's; `least_ratio` does so from
    below, where more is better."""
    measure: str
    value: float
    unit: str
    reach: float = None
    peer: float = None
    peer_name: str = ''
    reach_ratio: float = None
    note: str = ''
    least_ratio: float = None

    @property
    def ratio(self):
        return self.value / self.peer if self.peer else None

    @property
    def verdict(self):
        bounds = []
        if self.reach is not None:
            bounds.append(self.value <= self.reach)
        if self.reach_ratio is not None:
            bounds.append(self.ratio <= self.reach_ratio)
        if bounds and not all(bounds):
            return 'over'
        if self.least_ratio is not None and self.ratio < self.least_ratio:
            return 'under'
        return 'ok' if bounds or self.least_ratio is not None else ''

    def cells(self):
        def figure(value):
            if value is None:
                return ''
            places = 0 if value == int(value) else 3 if value < 0.1 else 2 if value < 10 else 1
            return f'{value:,.{places}f} {self.unit}'
        bounds = [] if self.reach is None else [f'≤ {self.reach:.3g} {self.unit}'.strip()]
        bounds += [] if self.reach_ratio is None else [f'≤ {self.reach_ratio:g} × peer']
        bounds += [] if self.least_ratio is None else [f'≥ {self.least_ratio:g} × peer']
        ratio = '' if self.ratio is None else f'{self.ratio:.3f}' if self.ratio < 0.1 else f'{self.ratio:.2f}'
        return [self.measure, figure(self.value).strip(), ', '.join(bounds), self.verdict, figure(self.peer).strip(),
                self.peer_name, ratio, self.note]

    def plain(self):
        return dataclasses.asdict(self) | {'ratio': self.ratio, 'verdict': self.verdict}


def table(rows):
    lines = [['measure', 'ours', 'reach', '', 'peer', '', 'ratio', '']] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = (1, 4, 6)
    return '\n'.join('  '.join(cell.rjust(width) if i in right else cell.ljust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)
