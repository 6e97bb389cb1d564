package dev.muster.simulator.device;

/** Whether the asset is there. */
public enum Power {
    ON,
    REBOOTING,
    /** Without a network, running on by itself. */
    AWAY,
    /** Down for ever. */
    BRICKED,
    /** Has taken away all that it had, its key with it. */
    WIPED
}
