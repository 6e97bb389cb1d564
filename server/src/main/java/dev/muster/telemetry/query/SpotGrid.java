package dev.muster.telemetry.query;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts spots of a map that would overlap into one: by squares of the Web Mercator projection (EPSG:3857) that are as wide on the
 * screen as a marker with room around it.
 */
final class SpotGrid {
    static final int MAX_MARKERS = 4_000;
    static final int SHOWN = 12;
    /** Pixels of the whole world at zoom 0, as MapLibre counts. */
    private static final double WORLD = 512;

    private static final double CELL = 56;
    private static final double MAX_LATITUDE = 85.0511;

    private SpotGrid() {}

    /** An asset on the map. */
    record Spot(String asset, double lat, double lon, long at, String presence) {}

    /** What a map shows; one that crosses 180° has its west east of its east. */
    record Box(double west, double south, double east, double north) {
        boolean holds(Spot spot) {
            boolean across =
                    west <= east ? spot.lon() >= west && spot.lon() <= east : spot.lon() >= west || spot.lon() <= east;
            return across && spot.lat() >= south && spot.lat() <= north;
        }
    }

    /**
     * Several spots in one place.
     *
     * @param presence how many are what
     * @param west and the others: the box around them
     * @param some of their assets
     */
    record Cluster(
            double lat,
            double lon,
            int assets,
            Map<String, Integer> presence,
            double west,
            double south,
            double east,
            double north,
            List<String> some) {}

    record Markers(List<Spot> spots, List<Cluster> clusters) {}

    /** The markers of a zoom; of a coarser one when there would be too many. */
    static Markers of(List<Spot> spots, double zoom) {
        for (double coarse = zoom; ; coarse--) {
            Map<Long, List<Spot>> cells = new HashMap<>();
            double cellsAcross = WORLD * Math.pow(2, coarse) / CELL;
            for (Spot spot : spots) {
                cells.computeIfAbsent(cell(spot, cellsAcross), _ -> new ArrayList<>(1))
                        .add(spot);
            }
            if (cells.size() <= MAX_MARKERS || coarse <= 0) {
                return markers(cells);
            }
        }
    }

    private static long cell(Spot spot, double cellsAcross) {
        double latitude = Math.toRadians(Math.clamp(spot.lat(), -MAX_LATITUDE, MAX_LATITUDE));
        double x = (spot.lon() + 180) / 360;
        double y = (1 - Math.log(Math.tan(latitude) + 1 / Math.cos(latitude)) / Math.PI) / 2;
        return ((long) Math.floor(x * cellsAcross) << 32) | ((long) Math.floor(y * cellsAcross) & 0xffffffffL);
    }

    private static Markers markers(Map<Long, List<Spot>> cells) {
        List<Spot> alone = new ArrayList<>();
        List<Cluster> clusters = new ArrayList<>();
        for (List<Spot> spots : cells.values()) {
            if (spots.size() == 1) {
                alone.add(spots.getFirst());
            } else {
                clusters.add(cluster(spots));
            }
        }
        return new Markers(alone, clusters);
    }

    private static Cluster cluster(List<Spot> spots) {
        Map<String, Integer> presence = new TreeMap<>();
        double lat = 0;
        double lon = 0;
        double west = 180;
        double east = -180;
        double south = 90;
        double north = -90;
        for (Spot spot : spots) {
            presence.merge(spot.presence(), 1, Integer::sum);
            lat += spot.lat();
            lon += spot.lon();
            west = Math.min(west, spot.lon());
            east = Math.max(east, spot.lon());
            south = Math.min(south, spot.lat());
            north = Math.max(north, spot.lat());
        }
        return new Cluster(
                lat / spots.size(),
                lon / spots.size(),
                spots.size(),
                presence,
                west,
                south,
                east,
                north,
                spots.stream().map(Spot::asset).sorted().limit(SHOWN).toList());
    }
}
