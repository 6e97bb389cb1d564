package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which assets an alert is about, as a selector made of its labels. */
public final class Concern {
    private Concern() {}

    /** Empty when its labels name no assets. One that names an asset is about that one, whatever else is said of it: it need not run the release that it was brought. */
    public static Optional<String> of(Map<String, String> labels) {
        List<String> parts = new ArrayList<>();
        add(parts, "asset.id", labels.get(Signal.ASSET));
        if (!parts.isEmpty()) {
            return Optional.of(parts.getFirst());
        }
        add(parts, "asset.type", labels.get(Signal.TYPE));
        add(parts, "asset.region", labels.get(Signal.REGION));
        add(parts, "asset.site", labels.get(Signal.SITE));
        add(parts, "asset.hardware", labels.get(Signal.HARDWARE));
        add(parts, "asset.labels['gateway']", labels.get(Signal.GATEWAY));
        String release = labels.getOrDefault(Signal.RELEASE, "");
        int at = release.indexOf('@');
        // What a rollout of a configuration brings is named by configuration/NAME@REVISION, and no software of an
        // asset.
        if (at > 0 && release.indexOf('/') < 0) {
            add(parts, "asset.software[" + literal(release.substring(0, at)) + "]", release.substring(at + 1));
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(" && ", parts));
    }

    /** Whether the next release is how it is mended, so that it must not keep that one away. */
    static boolean isOfAChange(Map<String, String> labels) {
        return labels.containsKey(Signal.RELEASE) || labels.containsKey(Signal.ROLLOUT);
    }

    private static void add(List<String> parts, String field, @org.jspecify.annotations.Nullable String value) {
        if (value != null && !value.isEmpty()) {
            parts.add(field + " == " + literal(value));
        }
    }

    /** A CEL string; whatever the text holds, it ends where it should. */
    public static String literal(String text) {
        StringBuilder quoted = new StringBuilder("'");
        text.codePoints().forEach(c -> {
            if (c == '\'' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c == 0x7f) {
                quoted.append("\\u%04x".formatted(c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('\'').toString();
    }
}
