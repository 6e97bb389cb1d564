package dev.muster.registry.bulk;

import dev.muster.identity.Actor;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.document.Problem;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is changed of each of many assets; what is null stays as it is.
 *
 * @param labels that are set; one whose value is empty is taken away
 */
record AssetEdit(
        Map<String, String> labels,
        @Nullable String owner,
        @Nullable String region,
        @Nullable String site,
        @Nullable Lifecycle lifecycle) {

    AssetEdit {
        labels = Map.copyOf(labels);
    }

    /** Why an asset is left as it is. */
    enum Reason {
        /** It is out of the fleet; only a restore brings it back. */
        RETIRED,
        /** Its lifecycle may not go there from where it is. */
        LIFECYCLE,
        /** It would have more labels than allowed, for example. */
        INVALID,
        /** It would be outside of the actor's scope. */
        SCOPE,
        /** It was named, and does not exist or is outside of the actor's scope, which look the same. */
        ABSENT;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What becomes of one asset. */
    sealed interface Outcome {
        record Changed(Asset before, Asset after) implements Outcome {}

        record Unchanged() implements Outcome {}

        record LeftOut(Reason reason, String asset, String why) implements Outcome {}
    }

    boolean isEmpty() {
        return labels.isEmpty() && owner == null && region == null && site == null && lifecycle == null;
    }

    /** What is wrong with it, whatever the asset. */
    List<Problem> problems() {
        Map<String, String> set = new HashMap<>(labels);
        return AssetRules.problems(new AssetSpec(
                "any",
                set,
                Objects.requireNonNullElse(owner, ""),
                Objects.requireNonNullElse(region, ""),
                Objects.requireNonNullElse(site, ""),
                "",
                lifecycle));
    }

    /** @param scope of the actor */
    Outcome of(Actor actor, AssetFilter scope, Asset before, Instant now) {
        String id = before.id().value();
        if (before.lifecycle() == Lifecycle.RETIRED) {
            return new Outcome.LeftOut(Reason.RETIRED, id, "is retired; only a restore brings it back");
        }
        AssetSpec spec = spec(before);
        Asset after = spec.onto(before, now);
        if (spec.onto(before, before.updated()).equals(before)) {
            return new Outcome.Unchanged();
        }
        List<Problem> problems = AssetRules.problems(spec);
        if (!problems.isEmpty()) {
            return new Outcome.LeftOut(Reason.INVALID, id, problems.getFirst().toString());
        }
        Optional<String> transition = AssetService.transitionProblem(actor, before, after.lifecycle());
        if (transition.isPresent()) {
            return new Outcome.LeftOut(Reason.LIFECYCLE, id, transition.get());
        }
        if (!scope.matches(after)) {
            return new Outcome.LeftOut(Reason.SCOPE, id, "would be outside of your scope (" + actor.scope() + ")");
        }
        return new Outcome.Changed(before, after);
    }

    private AssetSpec spec(Asset before) {
        Map<String, String> merged = new HashMap<>(before.labels());
        labels.forEach((key, value) -> {
            if (value.isEmpty()) {
                merged.remove(key);
            } else {
                merged.put(key, value);
            }
        });
        return new AssetSpec(
                before.type(),
                merged,
                Objects.requireNonNullElse(owner, before.owner()),
                Objects.requireNonNullElse(region, before.region()),
                Objects.requireNonNullElse(site, before.site()),
                before.hardware(),
                Objects.requireNonNullElse(lifecycle, before.lifecycle()));
    }

    /** The fields that two versions of an asset differ in, with the values of the first one; {@code ""} where it has none. */
    static Map<String, String> differing(Asset one, Asset other) {
        Map<String, String> ones = fields(one);
        Map<String, String> others = fields(other);
        Map<String, String> differing = new TreeMap<>();
        ones.forEach((field, value) -> {
            if (!value.equals(others.getOrDefault(field, ""))) {
                differing.put(field, value);
            }
        });
        others.keySet().stream().filter(field -> !ones.containsKey(field)).forEach(field -> differing.put(field, ""));
        return differing;
    }

    private static Map<String, String> fields(Asset asset) {
        Map<String, String> fields = new TreeMap<>();
        asset.labels().forEach((key, value) -> fields.put("labels." + key, value));
        fields.put("owner", asset.owner());
        fields.put("region", asset.region());
        fields.put("site", asset.site());
        fields.put("lifecycle", asset.lifecycle().wire());
        return fields;
    }
}
