package dev.muster.telemetry.questdb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Rows of a table and of the table of its late rows as one: in order, and one that stands in both once. */
final class Union {
    private Union() {}

    /**
     * @param rows of both tables, from each the first ones up to the limit
     * @param order 0 for rows of the same key only
     */
    static <R> List<R> of(List<R> rows, Comparator<? super R> order, int limit) {
        List<R> sorted = new ArrayList<>(rows);
        sorted.sort(order);
        List<R> united = new ArrayList<>(Math.min(limit, sorted.size()));
        for (R row : sorted) {
            if (united.size() == limit) {
                break;
            }
            if (united.isEmpty() || order.compare(united.getLast(), row) != 0) {
                united.add(row);
            }
        }
        return united;
    }
}
