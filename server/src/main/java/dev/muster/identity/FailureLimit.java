package dev.muster.identity;

import dev.muster.platform.config.Setting;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many failed authentications an address may have: a burst at once, then one more each second.
 *
 * <p>IPv6 addresses count per /64, which is what one subscriber gets. The addresses remembered are bounded; the one that
 * failed longest ago is forgotten first.
 */
public final class FailureLimit {
    public static final Setting<Integer> BURST = Setting.count(
            "failed-logins-per-address",
            20,
            1,
            1_000_000,
            "Failed authentications that one address may have at once; after that one more each second.");
    public static final Setting<Integer> MAX_ADDRESSES = Setting.count(
            "failed-logins-addresses",
            10_000,
            1,
            1_000_000,
            "Addresses whose failed authentications are remembered at most; the longest ago is forgotten first.");

    public static final List<Setting<?>> SETTINGS = List.of(BURST, MAX_ADDRESSES);

    private static final Duration REFILL = Duration.ofSeconds(1);
    private static final int IPV6_PREFIX_GROUPS = 4;

    private final int burst;
    private final int maxAddresses;

    public FailureLimit(int burst, int maxAddresses) {
        this.burst = burst;
        this.maxAddresses = maxAddresses;
    }

    /** Per address the time at which all its failures will be forgiven; guarded by this. */
    private final Map<String, Instant> forgivenAt = new LinkedHashMap<>();

    /** How long the address must wait before its next attempt is looked at; empty when it need not. */
    public synchronized Optional<Duration> wait(String address, Instant now) {
        Instant forgiven = forgivenAt.get(key(address));
        if (forgiven == null) {
            return Optional.empty();
        }
        Duration over = Duration.between(now, forgiven).minus(REFILL.multipliedBy(burst - 1L));
        return over.isPositive() ? Optional.of(over) : Optional.empty();
    }

    public synchronized void count(String address, Instant now) {
        String key = key(address);
        Instant forgiven = forgivenAt.remove(key);
        Instant from = forgiven == null || forgiven.isBefore(now) ? now : forgiven;
        forgivenAt.put(key, from.plus(REFILL));
        if (forgivenAt.size() > maxAddresses) {
            forgivenAt.remove(forgivenAt.keySet().iterator().next());
        }
    }

    synchronized int addresses() {
        return forgivenAt.size();
    }

    private static String key(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        // Textual and numeric only: ofLiteral never asks a name server.
        byte[] bytes = InetAddress.ofLiteral(address).getAddress();
        StringBuilder prefix = new StringBuilder();
        for (int i = 0; i < bytes.length && i < IPV6_PREFIX_GROUPS * 2; i++) {
            prefix.append(Character.forDigit((bytes[i] >> 4) & 0xf, 16)).append(Character.forDigit(bytes[i] & 0xf, 16));
        }
        return prefix + "::/64";
    }
}
