package dev.muster.simulator.demo;

import dev.muster.simulator.Fleet.DeclaredHardware;
import java.util.List;

/** What a company would know of the assets before they first connect, as a file that {@code muster import assets} takes. */
final class Inventory {
    /** The share of each type. */
    static final String TYPES = "vehicle=40,pos=30,sensor=15,linux-device=10,edge-gpu=5";

    static final String HARDWARE = "rev-a=70,rev-b=30";

    private static final String COLUMNS =
            "id,type,owner,region,site,hardware,label.fleet,label.channel,label.timezone,label.route,label.lane";

    /** Bigger places stand more than once. */
    private static final List<Place> DEPOTS = List.of(
            new Place("eu-central", "Berlin-Spandau", "Europe/Berlin"),
            new Place("eu-west", "Rotterdam-Waalhaven", "Europe/Amsterdam"),
            new Place("eu-central", "Munich-Riem", "Europe/Berlin"),
            new Place("eu-south", "Milan-Segrate", "Europe/Rome"),
            new Place("eu-central", "Berlin-Spandau", "Europe/Berlin"),
            new Place("eu-west", "Lyon-Corbas", "Europe/Paris"),
            new Place("eu-north", "Copenhagen-Taastrup", "Europe/Copenhagen"),
            new Place("eu-central", "Vienna-Inzersdorf", "Europe/Vienna"));

    private static final List<Place> SHOPS = List.of(
            new Place("eu-central", "Berlin-Alexanderplatz", "Europe/Berlin"),
            new Place("eu-west", "Paris-Bercy", "Europe/Paris"),
            new Place("eu-central", "Hamburg-Altona", "Europe/Berlin"),
            new Place("eu-north", "Gothenburg-Nordstan", "Europe/Stockholm"),
            new Place("eu-west", "Antwerp-Meir", "Europe/Brussels"),
            new Place("eu-south", "Valencia-Russafa", "Europe/Madrid"),
            new Place("eu-central", "Zurich-Oerlikon", "Europe/Zurich"));

    private record Place(String region, String site, String zone) {}

    private Inventory() {}

    /** @param placed whether it names region, site and owner */
    static String csv(List<DeclaredHardware> assets, boolean placed) {
        StringBuilder csv = new StringBuilder(COLUMNS).append('\n');
        assets.forEach(asset -> csv.append(row(asset, placed)).append('\n'));
        return csv.toString();
    }

    private static String row(DeclaredHardware asset, boolean placed) {
        int number = Integer.parseInt(asset.id().substring(asset.id().lastIndexOf('-') + 1));
        boolean delivers = switch (asset.type()) {
            case "vehicle", "sensor", "edge-gpu" -> true;
            default -> false;
        };
        List<Place> places = delivers ? DEPOTS : SHOPS;
        Place place = places.get(number % places.size());
        String owner = switch (asset.type()) {
            case "edge-gpu" -> "depot-automation";
            case "sensor" -> "cold-chain";
            case "vehicle" -> "delivery-operations";
            default -> "retail-it";
        };
        return String.join(
                ",",
                asset.id(),
                asset.type(),
                placed ? owner : "",
                placed ? place.region() : "",
                placed ? place.site() : "",
                asset.hardware(),
                delivers ? "delivery" : "retail",
                number % 10 == 0 ? "early" : "stable",
                place.zone(),
                asset.type().equals("vehicle") ? number % 3 == 0 ? "overland" : "city" : "",
                asset.type().equals("pos") ? number % 4 == 0 ? "self-checkout" : "staffed" : "");
    }
}
