package dev.muster.simulator.model;

import java.util.List;

/**
 * A city as its vehicles see it: bounds around a centre, and the direction of its main streets.
 *
 * @param radius metres from the centre to each side
 * @param gridHeading degrees clockwise from north of one of the two main street directions
 */
record City(String name, double lat, double lon, double radius, double gridHeading) {
    private static final double METRES_PER_DEGREE = 111_320;
    private static final List<City> ALL = List.of(
            new City("Berlin", 52.5200, 13.4050, 9_000, 8),
            new City("Lyon", 45.7578, 4.8320, 6_000, 12),
            new City("Turin", 45.0703, 7.6869, 6_000, 26),
            new City("Barcelona", 41.3927, 2.1700, 5_000, 45),
            new City("Chicago", 41.8500, -87.7000, 10_000, 0),
            new City("Mannheim", 49.4875, 8.4660, 4_000, 35));

    /** A fleet of one seed drives in one city. */
    static City of(long seed) {
        return ALL.get(Math.floorMod(seed, ALL.size()));
    }

    double latAt(double metresNorth) {
        return lat + metresNorth / METRES_PER_DEGREE;
    }

    double lonAt(double metresEast) {
        return lon + metresEast / (METRES_PER_DEGREE * Math.cos(Math.toRadians(lat)));
    }
}
