# Sets JAVA_HOME to a JDK 25, or says how to get one. Sourced by ./mvnw and ./muster.
# Looked at in this order: JAVA_HOME, the java on PATH, the usual places of Linux and macOS, SDKMAN.
muster_jdk_feature() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

muster_find_jdk() {
  set +f # the wrapper switches globbing off
  _path_java=$(command -v java 2>/dev/null || true)
  [ -z "$_path_java" ] || _path_java=$(dirname "$(dirname "$(readlink -f "$_path_java")")")
  for _home in "${JAVA_HOME-}" "$_path_java" \
    /usr/lib/jvm/*25* /opt/java/* /opt/jdk-25* /usr/local/openjdk-25 \
    "${HOME-}"/.sdkman/candidates/java/25* "${HOME-}"/.jdks/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if [ -n "$_home" ] && [ "$(muster_jdk_feature "$_home")" = 25 ]; then
      JAVA_HOME=$_home
      export JAVA_HOME
      return 0
    fi
  done
  echo "muster needs a JDK 25 and found none (looked at JAVA_HOME=${JAVA_HOME-unset}, the java on PATH, /usr/lib/jvm and other usual places)." >&2
  echo "Get one from https://adoptium.net/temurin/releases/?version=25 or your package manager, then set JAVA_HOME to it." >&2
  return 1
}

muster_find_jdk
