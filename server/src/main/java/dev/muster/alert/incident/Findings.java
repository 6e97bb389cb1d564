package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import dev.muster.identity.Actor;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Looks for what the assets of an incident have in common, and what was changed before it. */
@Component
class Findings {
    /** Assets that are looked at. */
    private static final int SAMPLE = 200;

    private static final int CHANGES = 200;
    /** Values of which it is asked how common they are in the fleet. */
    private static final int ASKED = 6;

    private static final double LEAST_SHARE = 0.5;
    private static final Duration SOON = Duration.ofDays(2);

    private final AssetDirectory assets;
    private final Selectors selectors;
    private final IncidentStore store;

    Findings(AssetDirectory assets, Selectors selectors, IncidentStore store) {
        this.assets = assets;
        this.selectors = selectors;
        this.store = store;
    }

    /** The incident with what it is about, and with its causes anew. */
    Incident look(Incident is, Instant now) {
        List<SortedMap<String, String>> alerts = store.alerts(is.number()).stream()
                .map(alert -> alert.fact().labels())
                .toList();
        List<String> about = new ArrayList<>();
        alerts.forEach(
                labels -> selector(labels).filter(each -> !about.contains(each)).ifPresent(about::add));
        is.about().stream().filter(each -> !about.contains(each)).forEach(about::add);
        String all = union(about);
        int hit = all == null ? 0 : (int) Math.min(Integer.MAX_VALUE, assets.count(Actor.SYSTEM, all, null));
        List<ProbableCauses.Shared> shared = all == null || hit < 2 ? List.of() : shared(all, now);
        List<ProbableCauses.Change> changes = store.changes(
                is.times().evidence().minus(ProbableCauses.WINDOW), is.times().evidence(), CHANGES);
        return is.about(
                about,
                hit,
                ProbableCauses.rank(alerts, shared, changes, is.times().evidence()));
    }

    /** Of the labels of an alert; empty when they name no assets, or nothing that a selector can say. */
    Optional<String> selector(SortedMap<String, String> labels) {
        return Concern.of(labels).filter(text -> selectors.problem(text).isEmpty());
    }

    private @Nullable String union(List<String> about) {
        String text = null;
        for (String each : about) {
            String more = text == null ? "(" + each + ")" : text + " || (" + each + ")";
            if (selectors.problem(more).isPresent()) {
                break; // longer than a selector may be; what fits stands for the rest
            }
            text = more;
        }
        return text;
    }

    private List<ProbableCauses.Shared> shared(String about, Instant now) {
        List<Asset> hit = assets.list(Actor.SYSTEM, about, null, new PageRequest(SAMPLE, null))
                .items();
        long fleet = assets.count(Actor.SYSTEM, null, null);
        List<ProbableCauses.Shared> found = new ArrayList<>();
        Map<String, Function<Asset, Map<String, String>>> attributes = new LinkedHashMap<>();
        attributes.put(Signal.RELEASE, Findings::releases);
        attributes.put(
                Signal.GATEWAY,
                asset -> single("asset.labels['gateway']", asset.labels().getOrDefault("gateway", "")));
        attributes.put(Signal.SITE, asset -> single("asset.site", asset.site()));
        attributes.put(Signal.HARDWARE, asset -> single("asset.hardware", asset.hardware()));
        attributes.put(Signal.REGION, asset -> single("asset.region", asset.region()));
        attributes.put(Signal.TYPE, asset -> single("asset.type", asset.type()));
        attributes.forEach((kind, of) -> top(hit, of).ifPresent(top -> {
            if (found.size() < ASKED) {
                long with = assets.count(Actor.SYSTEM, top.selector(), null);
                found.add(new ProbableCauses.Shared(kind, top.value(), top.count(), hit.size(), with, fleet));
            }
        }));
        certificates(hit, fleet, now).ifPresent(found::add);
        return found;
    }

    private record Top(String selector, String value, int count) {}

    /** The value that most have, when half of them have it. */
    private static Optional<Top> top(List<Asset> hit, Function<Asset, Map<String, String>> of) {
        Map<String, Top> counts = new HashMap<>();
        for (Asset asset : hit) {
            of.apply(asset)
                    .forEach((selector, value) -> counts.merge(
                            selector,
                            new Top(selector, value, 1),
                            (a, b) -> new Top(selector, value, a.count() + b.count())));
        }
        return counts.values().stream()
                .filter(each -> each.count() >= hit.size() * LEAST_SHARE)
                .max((a, b) -> a.count() != b.count()
                        ? Integer.compare(a.count(), b.count())
                        : b.selector().compareTo(a.selector()));
    }

    private Optional<ProbableCauses.Shared> certificates(List<Asset> hit, long fleet, Instant now) {
        Instant soon = now.plus(SOON);
        int expired = (int) hit.stream()
                .filter(asset -> asset.certificateExpires() != null
                        && asset.certificateExpires().isBefore(soon))
                .count();
        if (expired < hit.size() * LEAST_SHARE) {
            return Optional.empty();
        }
        long with = assets.count(Actor.SYSTEM, "asset.certificateExpires < timestamp('" + soon + "')", null);
        return Optional.of(new ProbableCauses.Shared(
                "certificates",
                "expired or within " + SOON.toDays() + " days of it",
                expired,
                hit.size(),
                with,
                fleet));
    }

    private static Map<String, String> releases(Asset asset) {
        Map<String, String> all = new TreeMap<>();
        asset.software()
                .forEach((component, version) -> all.put(
                        "asset.software[" + Concern.literal(component) + "] == " + Concern.literal(version),
                        component + "@" + version));
        return all;
    }

    private static Map<String, String> single(String field, String value) {
        return value.isEmpty() ? Map.of() : Map.of(field + " == " + Concern.literal(value), value);
    }
}
