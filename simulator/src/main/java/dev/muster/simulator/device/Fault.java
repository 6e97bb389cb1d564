package dev.muster.simulator.device;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with one release, written {@code app@1.5.0: failing=20% bricking=5% hardware=rev-b}. The shares exclude
 * each other; who is hit depends on seed, asset, component and version alone, so that a second attempt meets the same.
 *
 * @param version or {@code *} for any
 * @param hardware only these assets are hit; null for all
 */
public record Fault(
        String component, String version, @Nullable String hardware, Map<FaultKind, Share> shares) {
    private static final Pattern FORM = Pattern.compile("([^@:\\s]{1,128})@([^@:\\s]{1,128})\\s*:?\\s+(.+)");

    public Fault {
        shares = Map.copyOf(shares);
        double sum = shares.values().stream().mapToDouble(Share::fraction).sum();
        if (sum > 1 + 1e-9) {
            throw new IllegalArgumentException("the faults of " + component + "@" + version + " come to "
                    + Math.round(sum * 100) + "%, at most 100% of the assets can be hit");
        }
    }

    public static Fault parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a fault; write"
                    + " 'app@1.5.0: failing=20% bricking=5% slow=10% silent=2% lying=1% hanging=1% hardware=rev-b'");
        }
        Map<FaultKind, Share> shares = new EnumMap<>(FaultKind.class);
        String hardware = null;
        for (String part : form.group(3).split("[\\s,]+")) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "\"" + part + "\" in the fault of " + form.group(1) + " is not of the form name=value");
            }
            String name = part.substring(0, equals);
            String value = part.substring(equals + 1);
            if (name.equals("hardware")) {
                hardware = value;
            } else {
                shares.put(kind(name), Share.parse(value));
            }
        }
        return new Fault(form.group(1), form.group(2), hardware, shares);
    }

    private static FaultKind kind(String name) {
        return Arrays.stream(FaultKind.values())
                .filter(kind -> wireName(kind).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + name + "\" is not a fault; there are "
                        + String.join(
                                ", ",
                                Arrays.stream(FaultKind.values())
                                        .map(Fault::wireName)
                                        .toList())
                        + ", and hardware"));
    }

    static String wireName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** What this asset meets when it updates the component to the version. */
    Optional<FaultKind> hitting(Draw draw, String ownHardware, String ownComponent, String ownVersion) {
        if (!component.equals(ownComponent)
                || !(version.equals("*") || version.equals(ownVersion))
                || !(hardware == null || hardware.equals(ownHardware))) {
            return Optional.empty();
        }
        double unit = draw.unit("fault", ownComponent + "@" + ownVersion);
        double below = 0;
        for (FaultKind kind : FaultKind.values()) {
            below += shares.getOrDefault(kind, Share.NONE).fraction();
            if (unit < below) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
