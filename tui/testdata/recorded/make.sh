#!/bin/sh
# Runs in its own namespaces: see the README.
set -eu
lab=/tmp/lab
printf 'root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/tmp/lab:/bin/sh\n' >$lab/passwd
mount --bind $lab/passwd /etc/passwd
hostname lab
chown -R 1000:1000 $lab
exec setpriv --reuid 1000 --regid 1000 --clear-groups env -i PATH=/usr/bin:/bin HOME=$lab LANG=C.UTF-8 TMPDIR=/tmp sh -eu -c '
cd /tmp/lab
./bin/ablate run grid --seeds 1 --wait
./bin/ablate run grid --wait
./bin/ablate run reward --wait
./bin/ablate run mine --detach
sleep 15
./bin/ablate stop mine/lr=0.003 mine/lr=0.01
sleep 5
./bin/ablate retry mine/lr=0.01
sleep 15
./bin/ablate ls
./bin/ablate engine stop
'
