"""The chain behind a journey: which step decides how it ends, and how sure that is."""

from journeykit.markov.chain import AbsorbingChain
from journeykit.markov.solving import ChainSolution, solve
from journeykit.markov.sources import absorbing_chain

__all__ = ["AbsorbingChain", "ChainSolution", "absorbing_chain", "solve"]
