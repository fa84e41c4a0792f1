"""What bench/compare and bench/load are made of: processes, peers, load, instruction counts, report."""
