package dev.muster.simulator;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.model.AssetModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The share of each asset type in a fleet, written {@code vehicle=60,pos=20,sensor=20}. */
public record TypeMix(Map<String, Integer> weights) {
    public TypeMix {
        weights = new LinkedHashMap<>(weights);
        if (weights.isEmpty()) {
            throw new IllegalArgumentException(
                    "a fleet needs at least one type of " + String.join(", ", AssetModel.TYPES));
        }
    }

    public static TypeMix parse(String text) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String type = (equals < 0 ? part : part.substring(0, equals)).strip();
            if (!AssetModel.TYPES.contains(type)) {
                throw new IllegalArgumentException("cannot simulate assets of type \"" + type + "\": known are "
                        + String.join(", ", AssetModel.TYPES));
            }
            weights.merge(
                    type,
                    equals < 0 ? 1 : weight(type, part.substring(equals + 1).strip()),
                    Integer::sum);
        }
        return new TypeMix(weights);
    }

    private static int weight(String type, String text) {
        try {
            int weight = Integer.parseInt(text);
            if (weight >= 1 && weight <= 1_000_000) {
                return weight;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the weight of type " + type + " is \"" + text + "\", not a number", e);
        }
        throw new IllegalArgumentException("the weight of type " + type + " is " + text + ", allowed are 1 to 1000000");
    }

    /**
     * The assets of a fleet in order, types interleaved; what asset n is depends on the weights alone, so that several
     * processes can share a fleet.
     *
     * @param first index of the first asset, from 0
     */
    List<Member> members(String prefix, int first, int count) {
        List<String> types = List.copyOf(weights.keySet());
        long total = weights.values().stream().mapToLong(Integer::longValue).sum();
        long[] credit = new long[types.size()];
        int[] made = new int[types.size()];
        List<Member> members = new ArrayList<>(count);
        for (int index = 0; index < first + count; index++) {
            int chosen = 0;
            for (int i = 0; i < credit.length; i++) {
                credit[i] += weights.getOrDefault(types.get(i), 0);
                chosen = credit[i] > credit[chosen] ? i : chosen;
            }
            credit[chosen] -= total;
            made[chosen]++;
            if (index >= first) {
                String id = prefix + types.get(chosen) + "-" + fiveDigits(made[chosen]);
                members.add(new Member(index, new AssetId(id), types.get(chosen)));
            }
        }
        return members;
    }

    private static String fiveDigits(int number) {
        String text = Integer.toString(number);
        return "0".repeat(Math.max(0, 5 - text.length())) + text;
    }

    /** One asset of the fleet. */
    record Member(int index, AssetId id, String type) {}
}
