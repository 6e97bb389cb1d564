package dev.muster.agent.link;

import dev.muster.protocol.Uplink;

/**
 * Where everything goes that the agent says: kept on disk until the server has stored it, sent in order.
 *
 * <p>Bounded: when it is full, the oldest telemetry and logs are given up first and counted; state reports and command
 * results last. Safe for many threads.
 */
public interface Outbound {
    /**
     * Returns when the message outlives the process; a command result or a state report outlives a power loss too. Never
     * waits for the network.
     *
     * @throws IllegalArgumentException when it breaks a bound of docs/protocol.md, which is a bug of the caller
     */
    void send(Uplink uplink);
}
