package dev.muster.registry.bulk;

import dev.muster.registry.bulk.AssetEdit.Outcome;
import dev.muster.registry.bulk.BulkChange.LeftOut;
import dev.muster.registry.bulk.BulkChange.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what becomes of assets, from where an earlier count ended. */
final class BulkTally {
    /** Of those that are left out, kept by name; of each reason some. */
    static final int MAX_SAMPLE = 50;

    private static final int MAX_OF_REASON = 15;

    private int changed;
    private int unchanged;
    private final Map<String, Integer> leftOut;
    private final List<LeftOut> sample;

    BulkTally(Tally before) {
        changed = before.changed();
        unchanged = before.unchanged();
        leftOut = new TreeMap<>(before.leftOut());
        sample = new ArrayList<>(before.sample());
    }

    void add(Outcome outcome) {
        switch (outcome) {
            case Outcome.Changed _ -> changed++;
            case Outcome.Unchanged _ -> unchanged++;
            case Outcome.LeftOut out -> {
                int of = leftOut.merge(out.reason().wire(), 1, Integer::sum);
                if (of <= MAX_OF_REASON && sample.size() < MAX_SAMPLE) {
                    sample.add(new LeftOut(out.asset(), out.reason().wire(), out.why()));
                }
            }
        }
    }

    Tally tally() {
        return new Tally(changed, unchanged, Map.copyOf(leftOut), List.copyOf(sample));
    }
}
