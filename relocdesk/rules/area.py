"""Areas as integers: m² in 0.01 m², 亩 in 10^-6 亩, heights in cm. Conversion, print, and house area by storey.

1 公顷 = 15 亩 = 10000 m², so 0.01 m² is exactly fifteen millionths of a 亩 and nothing is lost on the way to 亩.
"""

from __future__ import annotations

from collections.abc import Sequence

from relocdesk.rules.money import fixed, half_up

MU_PER_M2 = 15  # 10^-6 亩 in 0.01 m²
AGREEMENT = 5_000  # 0.005 亩: what both figures may differ by when each was rounded to 0.01
STOREY_FACTORS: tuple[tuple[int, int], ...] = ((200, 100), (180, 80), (150, 60), (120, 40))
"""(least storey height in cm, per cent counted), highest first. [unsure: setting; NB/T 10102, SL 442]"""


def mu_of_m2(m2: int) -> int:
    """10^-6 亩 of an area in 0.01 m²; exact.

    >>> mu_of_m2(66_667)
    1000005
    """
    return m2 * MU_PER_M2


def m2_of_mu(mu: int) -> int:
    """0.01 m² of an area in 10^-6 亩, rounded half up.

    >>> m2_of_mu(1_000_000), m2_of_mu(9_810_000)
    (66667, 654000)
    """
    return half_up(mu, MU_PER_M2)


def agree(m2: int, mu: int) -> bool:
    """Whether both areas of one parcel say the same, to 0.005 亩.

    >>> agree(66_667, 1_000_000), agree(66_667, 1_010_000)
    (True, False)
    """
    return abs(mu_of_m2(m2) - mu) <= AGREEMENT


def mu_2(mu: int) -> int:
    """Hundredths of a 亩, rounded half up: the figure that is signed and paid.

    >>> mu_2(1_005_000), mu_2(1_004_999)
    (101, 100)
    """
    return half_up(mu, 10_000)


def show_mu(mu: int, decimals: int = 2) -> str:
    """亩 as text, rounded half up once.

    >>> show_mu(9_814_999), show_mu(9_815_000), show_mu(1_234_567, 4)
    ('9.81', '9.82', '1.2346')
    """
    return fixed(half_up(mu * 10**decimals, 1_000_000), decimals)


def show_m2(m2: int) -> str:
    """m² as text with its two decimals.

    >>> show_m2(66_667)
    '666.67'
    """
    return fixed(m2, 2)


def hectares(m2: int) -> str:
    """公顷 to four decimals (1 m²) of an area in 0.01 m², for approval papers.

    >>> hectares(1_000_000), hectares(66_667)
    ('1.0000', '0.0667')
    """
    return fixed(half_up(m2, 100), 4)


def hectares_of_mu(mu: int) -> str:
    """公顷 to four decimals of an area in 10^-6 亩.

    >>> hectares_of_mu(15_000_000), hectares_of_mu(1_000_000)
    ('1.0000', '0.0667')
    """
    return fixed(half_up(mu, 1_500), 4)


def storey_factor(height_cm: int, table: Sequence[tuple[int, int]] = STOREY_FACTORS) -> int:
    """Per cent of a storey's area that counts, by its height; 0 below the lowest row.

    `table` holds (least height in cm, per cent), in any order.

    >>> storey_factor(200), storey_factor(199), storey_factor(119)
    (100, 80, 0)
    """
    return max(((least, factor) for least, factor in table if height_cm >= least), default=(0, 0))[1]


def house_area(outline_m2: int, height_cm: int, table: Sequence[tuple[int, int]] = STOREY_FACTORS) -> int:
    """Counted area (0.01 m²) of one storey: outer-wall area × its factor, rounded half up.

    >>> house_area(8_551, 190)
    6841
    """
    return half_up(outline_m2 * storey_factor(height_cm, table), 100)
