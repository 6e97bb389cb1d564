package dev.muster.gateway.mqtt;

import dev.muster.protocol.AssetId;

/**
 * What is known of a session once its CONNECT was accepted.
 *
 * @param id of the session, as the journal has it
 * @param keepAliveNanos silence after which it ends; 0 for never
 * @param credentialEnds milliseconds since the epoch
 */
record Admitted(
        AssetId asset,
        String id,
        ConnectRequest request,
        long keepAliveNanos,
        long credentialEnds,
        Uplinks uplinks,
        Downlinks downlinks,
        Subscriptions subscriptions) {}
