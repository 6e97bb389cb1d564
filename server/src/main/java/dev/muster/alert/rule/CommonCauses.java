package dev.muster.alert.rule;

import dev.muster.registry.Asset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds what assets that are wrong have in common: counts them by the labels of a rule, and takes the cause with the most wrong assets
 * weighted by their share, again and again, until no cause has enough of those that are left. A cause that fires already needs half of the
 * share and of the number, so that it does not come and go at its threshold. Pure.
 */
final class CommonCauses {
    /** All that the rule looks at. */
    static final Key SELECTION = new Key("selection", "all");

    private static final int MAX = 50;

    private final List<Grouping> groupings;
    private final double share;
    private final int atLeast;
    private final Count selection = new Count();
    private final Map<Key, Set<String>> wrong = new HashMap<>();
    private final Map<String, List<Key>> keys = new HashMap<>();

    record Key(String label, String value) {}

    /** Of all assets that share a cause, whatever is found of them. */
    private static final class Count {
        private int total;
        private int unknown;
        /** Empty where there are several. */
        private @Nullable String owner;

        void add(Asset asset, boolean isUnknown) {
            total++;
            unknown += isUnknown ? 1 : 0;
            if (owner == null) {
                owner = asset.owner();
            } else if (!owner.equals(asset.owner())) {
                owner = "";
            }
        }
    }

    /** Of one label. Each asset is counted here for each rule: without an object of its own. */
    private record Grouping(String label, Function<Asset, String> value, Map<String, Count> counts) {
        static Grouping by(String label) {
            return new Grouping(label, reading(label), new HashMap<>());
        }

        void add(Asset asset, boolean isUnknown) {
            String found = value.apply(asset);
            if (!found.isEmpty()) {
                counts.computeIfAbsent(found, _ -> new Count()).add(asset, isUnknown);
            }
        }
    }

    /** @param assets those that are wrong and that no cause before has explained, in their order */
    record Found(Key key, List<String> assets, int of) {}

    CommonCauses(List<String> labels, double share, int atLeast) {
        this.groupings = labels.stream().map(Grouping::by).toList();
        this.share = share;
        this.atLeast = atLeast;
    }

    void add(Asset asset, boolean isWrong, boolean isUnknown) {
        if (groupings.isEmpty()) {
            return;
        }
        groupings.forEach(grouping -> grouping.add(asset, isUnknown));
        selection.add(asset, isUnknown);
        if (isWrong) {
            String id = asset.id().value();
            List<Key> of = keysOf(asset);
            of.forEach(key ->
                    wrong.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(id));
            keys.put(id, of);
        }
    }

    /** @param firing causes whose alerts fire now */
    List<Found> find(Set<Key> firing) {
        List<Found> found = new ArrayList<>();
        Map<Key, Set<String>> left = new HashMap<>();
        wrong.forEach((key, assets) -> left.put(key, new LinkedHashSet<>(assets)));
        while (found.size() < MAX) {
            Map.Entry<Key, Set<String>> most = left.entrySet().stream()
                    .filter(each -> isOne(each.getKey(), each.getValue().size(), firing.contains(each.getKey())))
                    .max(Comparator.<Map.Entry<Key, Set<String>>>comparingDouble(each ->
                                    weight(each.getKey(), each.getValue().size()))
                            .thenComparing(each -> -rank(each.getKey()))
                            .thenComparing(each -> each.getKey().value()))
                    .orElse(null);
            if (most == null) {
                break;
            }
            Key best = most.getKey();
            List<String> assets = most.getValue().stream().sorted().toList();
            found.add(new Found(best, assets, total(best)));
            for (String asset : assets) {
                keys.getOrDefault(asset, List.of())
                        .forEach(key -> left.getOrDefault(key, Set.of()).remove(asset));
            }
        }
        return found;
    }

    /** Whether a cause would be one by itself, whatever else explains its assets. */
    boolean holds(Key key, boolean fires) {
        return isOne(key, wrong.getOrDefault(key, Set.of()).size(), fires);
    }

    /** Whether of most of a cause's assets nothing is known. */
    boolean isUnknown(Key key) {
        Count count = count(key);
        return count != null && count.unknown * 2 > count.total;
    }

    String ownerOf(Key key) {
        Count count = count(key);
        return count == null || count.owner == null ? "" : count.owner;
    }

    private boolean isOne(Key key, int count, boolean fires) {
        double half = fires ? 0.5 : 1;
        int total = total(key);
        return count >= Math.max(2, atLeast * half) && count >= share * half * total;
    }

    private double weight(Key key, int count) {
        return (double) count * count / Math.max(count, total(key));
    }

    private int total(Key key) {
        Count count = count(key);
        return count == null ? 0 : count.total;
    }

    private @Nullable Count count(Key key) {
        if (key.equals(SELECTION)) {
            return selection;
        }
        int rank = rank(key);
        return rank == groupings.size() ? null : groupings.get(rank).counts().get(key.value());
    }

    private int rank(Key key) {
        int rank = 0;
        while (rank < groupings.size() && !groupings.get(rank).label().equals(key.label())) {
            rank++;
        }
        return rank;
    }

    private List<Key> keysOf(Asset asset) {
        List<Key> of = new ArrayList<>();
        for (Grouping grouping : groupings) {
            String value = grouping.value().apply(asset);
            if (!value.isEmpty()) {
                of.add(new Key(grouping.label(), value));
            }
        }
        of.add(SELECTION);
        return of;
    }

    private static Function<Asset, String> reading(String label) {
        if (label.startsWith("labels.")) {
            String name = label.substring("labels.".length());
            return asset -> asset.labels().getOrDefault(name, "");
        }
        if (label.startsWith("software.")) {
            String name = label.substring("software.".length());
            return asset -> asset.software().getOrDefault(name, "");
        }
        return switch (label) {
            case "region" -> Asset::region;
            case "site" -> Asset::site;
            case "hardware" -> Asset::hardware;
            case "type" -> Asset::type;
            case "owner" -> Asset::owner;
            default -> asset -> asset.labels().getOrDefault(label, "");
        };
    }

    /** How the causes stand, for people who ask why. */
    Map<String, String> shares() {
        Map<String, String> shares = new TreeMap<>();
        wrong.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        (Map.Entry<Key, Set<String>> each) -> -each.getValue().size()))
                .limit(10)
                .forEach(each -> shares.put(
                        each.getKey().label() + "=" + each.getKey().value(),
                        each.getValue().size() + " of " + total(each.getKey())));
        return shares;
    }
}
