package dev.muster.slo;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Passes on what those in service contributed, and drops the rest; asks for a page of them at a time. */
final class ThoseInService implements TallySink {
    private final InService fleet;
    private final TallySink to;
    private final int page;
    private final Map<String, Tally> waiting = new HashMap<>();

    ThoseInService(InService fleet, TallySink to) {
        this(fleet, to, InService.PAGE);
    }

    ThoseInService(InService fleet, TallySink to, int page) {
        this.fleet = fleet;
        this.to = to;
        this.page = page;
    }

    @Override
    public void add(String asset, Tally tally) {
        waiting.merge(asset, tally, Tally::plus);
        if (waiting.size() >= page) {
            flush();
        }
    }

    /** To be called at the end. */
    void flush() {
        if (!waiting.isEmpty()) {
            Set<String> served = fleet.among(waiting.keySet());
            waiting.forEach((asset, tally) -> {
                if (served.contains(asset)) {
                    to.add(asset, tally);
                }
            });
            waiting.clear();
        }
    }
}
