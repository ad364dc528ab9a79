"""Survey books with a known truth, and the 32 cars of a textbook."""

import numpy as np

NAMES = ("quality", "timing", "attention", "price")

# Fuel use and make of 32 cars, Motor Trend 1974, in Henderson and Velleman (1981), Building multiple regression models
# interactively, Biometrics 37, 391-411: miles a gallon, cylinders, displacement, horsepower, weight.
CARS = np.array(
    [
        [21.0, 6, 160.0, 110, 2.620],
        [21.0, 6, 160.0, 110, 2.875],
        [22.8, 4, 108.0, 93, 2.320],
        [21.4, 6, 258.0, 110, 3.215],
        [18.7, 8, 360.0, 175, 3.440],
        [18.1, 6, 225.0, 105, 3.460],
        [14.3, 8, 360.0, 245, 3.570],
        [24.4, 4, 146.7, 62, 3.190],
        [22.8, 4, 140.8, 95, 3.150],
        [19.2, 6, 167.6, 123, 3.440],
        [17.8, 6, 167.6, 123, 3.440],
        [16.4, 8, 275.8, 180, 4.070],
        [17.3, 8, 275.8, 180, 3.730],
        [15.2, 8, 275.8, 180, 3.780],
        [10.4, 8, 472.0, 205, 5.250],
        [10.4, 8, 460.0, 215, 5.424],
        [14.7, 8, 440.0, 230, 5.345],
        [32.4, 4, 78.7, 66, 2.200],
        [30.4, 4, 75.7, 52, 1.615],
        [33.9, 4, 71.1, 65, 1.835],
        [21.5, 4, 120.1, 97, 2.465],
        [15.5, 8, 318.0, 150, 3.520],
        [15.2, 8, 304.0, 150, 3.435],
        [13.3, 8, 350.0, 245, 3.840],
        [19.2, 8, 400.0, 175, 3.845],
        [27.3, 4, 79.0, 66, 1.935],
        [26.0, 4, 120.3, 91, 2.140],
        [30.4, 4, 95.1, 113, 1.513],
        [15.8, 8, 351.0, 264, 3.170],
        [19.7, 6, 145.0, 175, 2.770],
        [15.0, 8, 301.0, 335, 3.570],
        [21.4, 4, 121.0, 109, 2.780],
    ]
)


def together(weights: tuple[float, ...] = (0.4, 0.35, 0.25, 0.1), *, kindness: float = 0.45) -> np.ndarray:
    """Correlations of four factors that go together, and of a target of which they explain half."""
    among = np.full((4, 4), kindness) + (1 - kindness) * np.eye(4)
    with_target = among @ weights / np.sqrt(2 * np.array(weights) @ among @ weights)
    return np.block([[among, with_target[:, None]], [with_target, np.ones(1)]])


def book(correlation: np.ndarray, *, clients: int, each: int = 3, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Draw what lies behind the answers of clients with a lasting opinion, and who gave them."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(correlation)
    client = np.repeat(np.arange(clients), each)
    lasting, day = rng.normal(size=(clients, len(root))) @ root.T, rng.normal(size=(client.size, len(root))) @ root.T
    return np.sqrt(0.7) * lasting[client] + np.sqrt(0.3) * day, client
