import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kontext_integration', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdRelay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.CharField(db_index=True, max_length=255, verbose_name='user')),
                ('url', models.TextField(verbose_name='address')),
                ('headers', models.JSONField(default=dict, verbose_name='headers')),
                ('body', models.TextField(verbose_name='body')),
                ('timeout_ms', models.PositiveIntegerField(verbose_name='timeout')),
                ('claim', models.UUIDField(null=True, verbose_name='claim')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('answer', models.BinaryField(default=bytes, verbose_name='answer')),
                ('failure', models.CharField(blank=True, default='', max_length=16, verbose_name='failure')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
            ],
            options={
                'verbose_name': 'relayed request',
                'verbose_name_plural': 'relayed requests',
            },
        ),
    ]
