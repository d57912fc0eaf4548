"""LSM-HAWP, the detector of straight lines that ZITS was published with; it trains nothing."""
