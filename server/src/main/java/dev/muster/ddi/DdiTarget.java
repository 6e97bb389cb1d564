package dev.muster.ddi;

import dev.muster.gateway.port.Deployments.Client;
import dev.muster.protocol.Uplink.Update;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an asset that polls.
 *
 * @param tellsVersions whether it has named by itself what it runs
 * @param software by component the version that runs, as far as that is known
 * @param updates by component its last change
 * @param claims by component a success that nothing has confirmed yet
 * @param generation of the desired state that was told as worked through; null for none
 * @param wantsAttributes whether it is asked for its attributes
 * @param autoConfirm whether it confirms by itself
 */
record DdiTarget(
        Client client,
        boolean tellsVersions,
        Map<String, String> software,
        Map<String, Update> updates,
        Map<String, Claim> claims,
        @Nullable Long generation,
        boolean wantsAttributes,
        boolean autoConfirm) {
    DdiTarget {
        software = Map.copyOf(software);
        updates = Map.copyOf(updates);
        claims = Map.copyOf(claims);
    }

    /** @param at when it was said */
    record Claim(String version, Instant at) {}

    static DdiTarget fresh(Client client) {
        return new DdiTarget(client, false, Map.of(), Map.of(), Map.of(), null, true, false);
    }

    DdiTarget of(Client known) {
        return new DdiTarget(known, tellsVersions, software, updates, claims, generation, wantsAttributes, autoConfirm);
    }

    DdiTarget at(@Nullable Long told) {
        return new DdiTarget(client, tellsVersions, software, updates, claims, told, wantsAttributes, autoConfirm);
    }

    DdiTarget update(String component, Update update) {
        Map<String, Update> next = new TreeMap<>(updates);
        next.put(component, update);
        return new DdiTarget(client, tellsVersions, software, next, claims, generation, wantsAttributes, autoConfirm);
    }

    /** It is known to run this. */
    DdiTarget runs(String component, String version) {
        Map<String, String> nowRuns = new TreeMap<>(software);
        nowRuns.put(component, version);
        Map<String, Claim> left = new TreeMap<>(claims);
        left.remove(component);
        return new DdiTarget(client, tellsVersions, nowRuns, updates, left, generation, wantsAttributes, autoConfirm);
    }

    /** It says that it has installed this; what runs is not known until something shows it. */
    DdiTarget claims(String component, Claim claim) {
        Map<String, String> nowRuns = new TreeMap<>(software);
        nowRuns.remove(component);
        Map<String, Claim> more = new TreeMap<>(claims);
        more.put(component, claim);
        return new DdiTarget(client, tellsVersions, nowRuns, updates, more, generation, true, autoConfirm);
    }

    DdiTarget asked(boolean forAttributes) {
        return new DdiTarget(client, tellsVersions, software, updates, claims, generation, forAttributes, autoConfirm);
    }

    DdiTarget thatTellsVersions() {
        return new DdiTarget(client, true, software, updates, claims, generation, wantsAttributes, autoConfirm);
    }

    DdiTarget confirming(boolean automatically) {
        return new DdiTarget(
                client, tellsVersions, software, updates, claims, generation, wantsAttributes, automatically);
    }
}
