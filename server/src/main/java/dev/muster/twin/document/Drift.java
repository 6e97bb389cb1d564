package dev.muster.twin.document;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.protocol.Uplink.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Compares what an asset reports with what is desired, leaf by leaf.
 *
 * <p>What the asset reports beyond what is desired is no drift. Numbers are equal by value. A text of more than 256 characters
 * may be reported as {@code sha256:} and its hash. A component whose change is under way is no drift either.
 */
public final class Drift {
    /** Fields that are listed; the rest are counted. */
    public static final int MAX_LISTED = 100;

    private static final int HASHED_FROM = 257;
    private static final String HASH = "sha256:";

    private static final Pattern MANAGED_FILE = Pattern.compile("(/config/files/[^/]+)/.+");

    private final JsonNode whole;
    private final SortedMap<String, String> origins;
    private final List<Field> fields = new ArrayList<>();
    private final List<String> underWay = new ArrayList<>();
    private int count;

    /**
     * One leaf that differs.
     *
     * @param field JSON Pointer into the desired document
     * @param reported {@code null} when the asset does not report it
     * @param reason why, where the asset said so
     * @param leftAlone true where what is desired says so itself: a managed file with {@code onDrift: report}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Field(
            String field,
            JsonNode desired,
            @Nullable JsonNode reported,
            String origin,
            @Nullable String reason,
            @Nullable Boolean leftAlone) {}

    /**
     * What was found.
     *
     * @param fields at most {@link #MAX_LISTED} of {@code count}
     * @param underWay components that change right now
     */
    public record Outcome(List<Field> fields, int count, List<String> underWay) {
        public static final Outcome NONE = new Outcome(List.of(), 0, List.of());
    }

    private Drift(JsonNode whole, SortedMap<String, String> origins) {
        this.whole = whole;
        this.origins = origins;
    }

    /**
     * Compares.
     *
     * @param desired {@code {"config":…,"software":…}}
     * @param origins of its leaves, by JSON Pointer
     */
    public static Outcome between(
            JsonNode desired,
            SortedMap<String, String> origins,
            JsonNode config,
            Map<String, String> software,
            Map<String, Update> updates) {
        Drift drift = new Drift(desired, origins);
        if (desired.get("config") instanceof ObjectNode wanted) {
            wanted.forEachEntry(
                    (name, value) -> drift.compare(Pointers.child("/config", name), value, config.get(name)));
        }
        desired.path("software")
                .forEachEntry((component, wanted) ->
                        drift.compare(component, wanted, software.get(component), updates.get(component)));
        return new Outcome(drift.fields, drift.count, drift.underWay);
    }

    private void compare(String pointer, JsonNode desired, @Nullable JsonNode reported) {
        if (desired instanceof ObjectNode object && !object.isEmpty()) {
            ObjectNode below = reported instanceof ObjectNode found ? found : null;
            object.forEachEntry((name, value) ->
                    compare(Pointers.child(pointer, name), value, below == null ? null : below.get(name)));
        } else if (!satisfied(desired, reported)) {
            add(pointer, desired, reported, null);
        }
    }

    private void compare(String component, JsonNode wanted, @Nullable String running, @Nullable Update update) {
        String version = wanted.path("version").asString("");
        if (version.equals(running)) {
            return;
        }
        Update ours = update != null && isFor(update, wanted) ? update : null;
        if (ours != null && isUnderWay(ours.state())) {
            underWay.add(component);
            return;
        }
        add(
                Pointers.child("/software", component),
                StringNode.valueOf(version),
                running == null ? null : StringNode.valueOf(running),
                ours == null ? null : told(ours));
    }

    private static boolean isFor(Update update, JsonNode wanted) {
        String attempt = wanted.path("attempt").asString(null);
        return update.version().equals(wanted.path("version").asString(""))
                && (attempt == null || attempt.equals(update.attempt()));
    }

    private static boolean isUnderWay(Update.State state) {
        return switch (state) {
            case NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING, VERIFYING -> true;
            case SUCCEEDED, FAILED, ROLLED_BACK -> false;
        };
    }

    private static String told(Update update) {
        String state = update.state().name().toLowerCase(java.util.Locale.ROOT);
        return update.reason() == null ? state : state + ": " + update.reason();
    }

    private void add(String pointer, JsonNode desired, @Nullable JsonNode reported, @Nullable String reason) {
        count++;
        if (fields.size() < MAX_LISTED) {
            fields.add(new Field(
                    pointer,
                    desired,
                    reported,
                    origins.getOrDefault(pointer, ""),
                    reason,
                    isLeftAlone(pointer) ? Boolean.TRUE : null));
        }
    }

    /** The word of the file itself is closer than that of the configuration it comes from. */
    private boolean isLeftAlone(String pointer) {
        Matcher file = MANAGED_FILE.matcher(pointer);
        return file.matches()
                && whole.at(file.group(1) + "/onDrift").asString("").equals("report");
    }

    /** Whether the reported value tells in words how a managed file was found, so that it is no value to be desired. */
    public static boolean isDescription(String pointer) {
        return pointer.endsWith("/template") && MANAGED_FILE.matcher(pointer).matches();
    }

    private static boolean satisfied(JsonNode desired, @Nullable JsonNode reported) {
        if (desired instanceof ObjectNode object) {
            return reported == null
                    ? object.isEmpty()
                    : reported instanceof ObjectNode found
                            && object.propertyStream()
                                    .allMatch(property -> satisfied(property.getValue(), found.get(property.getKey())));
        }
        if (reported == null) {
            return false;
        }
        if (desired instanceof ArrayNode wanted) {
            return reported instanceof ArrayNode found && elementwise(wanted, found);
        }
        return CanonicalJson.same(desired, reported) || isHashOf(desired, reported);
    }

    private static boolean elementwise(ArrayNode wanted, ArrayNode found) {
        if (wanted.size() != found.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!satisfied(wanted.get(i), found.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHashOf(JsonNode desired, JsonNode reported) {
        return desired.isString()
                && reported.isString()
                && desired.stringValue().length() >= HASHED_FROM
                && reported.stringValue().equals(HASH + CanonicalJson.sha256(desired.stringValue()));
    }

    /** Whether a reported value stands for a longer one that is not known here. */
    public static boolean isHash(@Nullable JsonNode reported) {
        return reported != null && reported.isString() && reported.stringValue().matches(HASH + "[0-9a-f]{64}");
    }
}
