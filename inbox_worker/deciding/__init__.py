"""One arrival -> its one outcome: opened, its Customer named, its forms checked, posted, recorded."""
