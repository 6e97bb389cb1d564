package dev.muster.simulator.device;

import dev.muster.protocol.Uplink;

/** What a device wants done in the world. */
public sealed interface Effect {

    record Publish(Uplink uplink) implements Effect {}

    /** The connection is lost without a word, and no other is made until {@link ComeBack}. */
    record GoAway() implements Effect {}

    record ComeBack() implements Effect {}

    /** When all that was said is acknowledged: the key is destroyed, and there is no connection any more. */
    record Wipe() implements Effect {}

    /** Fetch the artifact, verify it, and tell {@link SimulatedDevice#downloaded}. */
    record Download(String component, String version, Desired.Target from) implements Effect {}
}
